#include "tuning/finetune.h"

namespace sure {

namespace {

bool stays_frozen(const TuningOptions& options, const std::string& name) {
  const bool front_end = name.starts_with("feature_extractor.");
  if (options.freeze_layers > 0 && (front_end || name.starts_with("feature_projection."))) return true;
  if (options.freeze_front_end && front_end) return true;
  const std::optional<int64_t> layer = encoder_layer_of(name);
  return layer && *layer < options.freeze_layers;
}

}  // namespace

void apply_finetune(const TuningOptions& options, AdapterSites&, ParameterList& backbone, const Scope&) {
  for (NamedTensor& parameter : backbone) {
    if (!parameter.is_buffer && !stays_frozen(options, parameter.name)) parameter.value.requires_grad_(true);
  }
}

}  // namespace sure
