#include "cli/adapter_flags.h"

#include <filesystem>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "text/text_lines.h"

namespace sure {

void add_adapter_flags(FlagSet& flags, AdapterFlags& adapter) {
  flags.group("Model");
  flags.add_text("adapter", "folder of the adapter: best_model/ of a training run, or one that PEFT wrote (needed)",
                 "DIR", [&adapter](const std::string& folder) {
                   adapter.adapter = folder;
                   adapter.model = recorded_model_options(folder);
                 });
  flags.add_text("model", "folder of the backbone; without it, the one that the adapter was trained on", "DIR",
                 [&adapter](const std::string& folder) { adapter.model.model = folder; });
  flags.add_text("labels", "class names for a PEFT adapter, which has none: a,b,c or a file with one a line", "A,B",
                 [&adapter](const std::string& labels) { adapter.labels = labels; });
  visit_options(adapter.model, [&](const std::string& name, auto& field, const char* help) {
    static const std::set<std::string> chosen_anew = {"device", "bf16", "int8", "padding", "max_samples"};
    if (chosen_anew.contains(name)) flags.add(name, field, help);
  });
}

std::vector<std::string> read_labels(const std::string& labels) {
  std::vector<std::string> names;
  if (!std::filesystem::is_regular_file(labels)) {
    parse_value("labels", labels, names);
    return names;
  }
  names = list_entries(read_file(labels));
  if (names.empty()) fail("--labels {}: the file is empty, expected one class name a line", labels);
  return names;
}

}  // namespace sure
