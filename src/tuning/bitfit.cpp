#include "tuning/bitfit.h"

namespace sure {

void apply_bitfit(const TuningOptions&, AdapterSites&, ParameterList& backbone, const Scope&) {
  for (NamedTensor& parameter : backbone) {
    if (encoder_layer_of(parameter.name) && parameter.name.ends_with(".bias")) parameter.value.requires_grad_(true);
  }
}

}  // namespace sure
