#include "tuning/finetune.h"

#include "core/error.h"

namespace sure {

namespace {

bool stays_frozen(const TuningOptions& options, const std::string& name) {
  const bool front_end = name.starts_with("feature_extractor.");
  if (options.freeze_layers > 0 && (front_end || name.starts_with("feature_projection."))) return true;
  if (options.freeze_front_end && front_end) return true;
  for (int64_t layer = 0; layer < options.freeze_layers; ++layer) {
    if (name.starts_with(fmt::format("encoder.layers.{}.", layer))) return true;
  }
  return false;
}

}  // namespace

void apply_finetune(const TuningOptions& options, AdapterSites&, ParameterList& backbone, const Scope&) {
  for (NamedTensor& parameter : backbone) {
    if (!parameter.is_buffer && !stays_frozen(options, parameter.name)) parameter.value.requires_grad_(true);
  }
}

}  // namespace sure
