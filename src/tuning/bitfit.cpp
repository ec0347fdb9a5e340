#include "tuning/bitfit.h"

namespace sure {

void apply_bitfit(const TuningOptions&, AdapterSites&, ParameterList& backbone, const Scope&) {
  for (NamedTensor& parameter : backbone) {
    const bool is_bias = parameter.name.starts_with("encoder.layers.") && parameter.name.ends_with(".bias");
    if (is_bias) parameter.value.requires_grad_(true);
  }
}

}  // namespace sure
