#include "model/adapter_source.h"

#include <algorithm>

#include "backbone/model_folder.h"
#include "core/error.h"
#include "formats/checkpoint_folder.h"
#include "formats/peft_adapter.h"
#include "model/foreign_head.h"
#include "model/peft_import.h"
#include "tasks/synthesis.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

void override_dropout(const ModelOptions& options, BackboneConfig& config) {
  config.layerdrop = options.layerdrop.value_or(config.layerdrop);
  for (double* rate : {&config.hidden_dropout, &config.attention_dropout, &config.activation_dropout,
                       &config.feat_proj_dropout, &config.final_dropout}) {
    *rate = options.dropout.value_or(*rate);
  }
}

/// Any value of `names` must be what the adapter records.
void check_names(const ForeignNames& names, const ModelSpec& spec, const std::string& origin) {
  if (!names.labels.empty() && names.labels != spec.labels) {
    fail_usage("--labels {}: {} was trained with {}", fmt::join(names.labels, ","), origin,
               fmt::join(spec.labels, ","));
  }
  if (!names.language.empty() && names.language != spec.target.language) {
    fail_usage("--language {}: {} was trained with '{}'", names.language, origin, spec.target.language);
  }
}

/// Throws Error that says what to do where the backbone that an adapter names is gone.
void check_is_there(const std::string& recorded, const std::string& chosen, const std::string& origin) {
  if (chosen != recorded || has_model(chosen)) return;
  fail("{}: the model that it adapts, {}, is not there (any more, or on this machine): pass its folder with --model",
       origin, recorded);
}

LoadedBackbone find_base(const ModelOptions& options, const std::string& language, const LoadedBackbone* shared) {
  return shared == nullptr ? load_backbone_for(options, language) : *shared;
}

AdapterSource read_own(const fs::path& folder, ModelOptions& options, const ForeignNames& names,
                       const LoadedBackbone* shared) {
  AdapterSource found;
  found.adapter = read_adapter_folder(folder);
  const ModelSpec& spec = found.adapter.spec;
  if (makes_speech(find_task(spec.task))) {
    fail_usage("{}: an adapter that speaks; give it to sure synthesize", folder.string());
  }
  check_names(names, spec, folder.string());
  if (options.model.empty()) options.model = spec.model.model;
  check_is_there(spec.model.model, options.model, folder.string());
  found.base = find_base(options, spec.target.language, shared);
  check_same_backbone(found.adapter, found.base, options.model, folder.string());
  return found;
}

AdapterSource read_peft(const fs::path& folder, ModelOptions& options, const ForeignNames& names,
                        const LoadedBackbone* shared) {
  const PeftAdapter peft = read_peft_adapter(folder);
  if (options.model.empty()) options.model = peft.base_model;
  if (options.model.empty()) fail_usage("{}: names no base model; pass its folder with --model", folder.string());
  check_is_there(peft.base_model, options.model, folder.string());
  check_architecture(peft, load_backbone_config(options.model), folder.string());
  AdapterSource found;
  found.base = find_base(options, names.language, shared);
  found.adapter = adapter_from_peft(peft, found.base, names, {folder, find_model(options.model)}, folder.string());
  return found;
}

/// The head is what was trained; the rest counts as the backbone.
AdapterSource read_whole_model(const fs::path& folder, ModelOptions& options, const ForeignNames& names,
                               const LoadedBackbone* shared) {
  if (options.model.empty()) options.model = folder.string();
  std::error_code missing;
  if (!fs::equivalent(options.model, folder, missing)) {
    fail_usage("--model {}: {} is a whole model and needs no other; leave --model out", options.model, folder.string());
  }
  AdapterSource found;
  found.base = find_base(options, names.language, shared);
  found.adapter = find_foreign_head({}, found.base, names, {folder}, folder.string());
  return found;
}

/// What a folder holds: one row of the table; the first that fits.
struct SourceKind {
  bool (*fits)(const fs::path& folder);
  AdapterSource (*read)(const fs::path& folder, ModelOptions& options, const ForeignNames& names,
                        const LoadedBackbone* shared);
  ModelOptions (*recorded)(const fs::path& folder);
};

bool is_whole_model(const fs::path& folder) {
  return !is_adapter_folder(folder) && fs::is_regular_file(folder / "config.json");
}

/// The folder itself, or the best_model/ of a training run's; of an id of the hub, what the local cache has.
fs::path adapter_in(const fs::path& folder) {
  if (fs::is_directory(folder)) return has_checkpoint(folder) ? folder : find_adapter(folder);
  const fs::path cached = find_in_hub_cache(folder);
  if (is_peft_folder(cached) || is_adapter_folder(cached)) return cached;
  return has_model(folder) ? fs::path(find_model(folder)) : folder;
}

const SourceKind& find_kind(const fs::path& folder) {
  static const SourceKind table[] = {
      {is_peft_folder, read_peft,
       [](const fs::path& peft) { return foreign_model_options(read_peft_adapter(peft).base_model); }},
      {is_whole_model, read_whole_model, [](const fs::path& model) { return foreign_model_options(model.string()); }},
      {[](const fs::path&) { return true; }, read_own,
       [](const fs::path& own) { return read_adapter_spec(own).model; }},
  };
  return *std::find_if(std::begin(table), std::end(table), [&](const SourceKind& row) { return row.fits(folder); });
}

}  // namespace

void check_same_backbone(const SavedAdapter& saved, const LoadedBackbone& found, const std::string& model,
                         const std::string& origin) {
  if (saved.fingerprint == found.fingerprint) return;
  const std::string& recorded = saved.spec.model.model;  // or the chosen one, where that was asked for
  fail(
      "{}: this adapter was trained on another backbone: expected fingerprint {}{}, found {} ({}); pass the right "
      "folder with --model",
      origin, saved.fingerprint, recorded == model ? "" : " (" + recorded + ")", found.fingerprint, model);
}

LoadedBackbone load_backbone_for(const ModelOptions& options, const std::string& language) {
  return load_backbone(options.model, [&](BackboneConfig& config) { override_dropout(options, config); }, language);
}

AdapterSource read_adapter(const fs::path& folder, const ModelOptions& options, const ForeignNames& names,
                           const LoadedBackbone* shared) {
  const fs::path path = adapter_in(folder);
  ModelOptions chosen = options;
  AdapterSource found = find_kind(path).read(path, chosen, names, shared);
  found.origin = path.string();
  found.is_foreign = !is_adapter_folder(path);
  if (found.is_foreign) choose_clip_length(chosen, find_task(found.adapter.spec.task), /*as_in_benchmark=*/false);
  found.adapter.spec.model = chosen;
  return found;
}

SavedAdapter read_adapter_alone(const fs::path& folder, const ModelOptions& options) {
  const fs::path path = adapter_in(folder);
  if (!is_adapter_folder(path)) return read_adapter(folder, options, {}).adapter;
  SavedAdapter adapter = read_adapter_folder(path);
  check_is_there(adapter.spec.model.model, options.model, folder.string());
  adapter.spec.model = options;
  return adapter;
}

ModelOptions recorded_model_options(const fs::path& folder) {
  const fs::path adapter = adapter_in(folder);
  return find_kind(adapter).recorded(adapter);
}

}  // namespace sure
