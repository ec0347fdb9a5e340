#include "tuning/bitfit.h"

namespace sure {

void apply_bitfit(const TuningOptions&, TuningTarget& target) {
  for (NamedTensor& parameter : target.backbone) {
    if (encoder_layer_of(parameter.name) && parameter.name.ends_with(".bias")) parameter.value.requires_grad_(true);
  }
}

}  // namespace sure
