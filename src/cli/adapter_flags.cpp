#include "cli/adapter_flags.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <set>

#include "backbone/model_folder.h"
#include "backbone/unused_tensors.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "model/adapter_folder.h"
#include "text/encoding.h"
#include "text/printable.h"
#include "text/text_lines.h"

namespace sure {

namespace {

/// The class names that --labels gives; empty without it.
std::vector<std::string> read_labels(const std::string& labels) {
  std::vector<std::string> names;
  if (!std::filesystem::is_regular_file(labels)) {
    set_from_text("labels", labels, names, "");
    return names;
  }
  names = list_entries(utf16_to_utf8(read_file(labels), labels));
  if (names.empty()) fail("--labels {}: the file is empty, expected one class name a line", labels);
  return names;
}

}  // namespace

void add_adapter_flags(FlagSet& flags, AdapterFlags& adapter) {
  flags.group("Model");
  flags.add_text("adapter", "folder of the adapter: of a training run, its best_model/, or one that PEFT wrote", "DIR",
                 [&adapter](const std::string& folder) {
                   adapter.adapter = folder;
                   adapter.model = recorded_model_options(folder);
                 });
  flags.add_text("model",
                 "folder of the backbone; without it, the one that the adapter was trained on. Without --adapter: a "
                 "whole model that was fine-tuned for classes, transcripts or voices",
                 "DIR", [&adapter](const std::string& folder) {
                   if (adapter.adapter.empty()) {
                     if (is_random_backbone(folder)) fail_usage("--model {}: has no head; pass --adapter", folder);
                     adapter.adapter = std::filesystem::is_directory(folder) ? folder : find_model(folder);
                     adapter.model = recorded_model_options(adapter.adapter);
                   } else {
                     adapter.model.model = folder;
                   }
                 });
  flags.add_text("labels", "class names where the model has none (PEFT): a,b,c or a file with one a line", "A,B",
                 [&adapter](const std::string& labels) { adapter.labels = labels; });
  flags.add("task", adapter.task, describe_tasks() + "; empty = the adapter's, or as the head is");
  flags.add("language", adapter.language, "of a whole model with many (MMS), as in --language fra");
  visit_options(adapter.model, [&](const std::string& name, auto& field, const Declaration& declaration) {
    static const std::set<std::string> chosen_anew = {"device", "bf16", "int8", "padding", "max_samples"};
    if (chosen_anew.contains(name)) flags.add(name, field, declaration);
  });
}

void require_adapter(const AdapterFlags& adapter) {
  if (adapter.adapter.empty()) {
    fail_usage("--adapter is needed, or --model with a folder that was fine-tuned as a whole; see --help");
  }
}

AdaptedModel load_model(const AdapterFlags& adapter) {
  AdaptedModel model =
      AdaptedModel::load(adapter.adapter, adapter.model, {read_labels(adapter.labels), adapter.task, adapter.language});
  const std::string note = describe_unused(model.base(), model.spec().model.model);
  if (!note.empty()) fmt::print(stderr, "note: {}\n", printable(note));
  return model;
}

}  // namespace sure
