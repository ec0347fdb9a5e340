#include "tuning/bitfit.h"

namespace sure {

namespace {

/// Of an encoder or, where there is one, of the decoder behind it.
bool is_of_transformer_layer(const std::string& name) {
  return name.find("encoder.layers.") != std::string::npos || name.find("decoder.layers.") != std::string::npos;
}

}  // namespace

void apply_bitfit(const TuningOptions&, TuningTarget& target) {
  for (NamedTensor& parameter : target.backbone) {
    if (is_of_transformer_layer(parameter.name) && parameter.name.ends_with(".bias")) {
      parameter.value.requires_grad_(true);
    }
  }
}

}  // namespace sure
