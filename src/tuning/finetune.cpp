#include "tuning/finetune.h"

#include "nn/encoder_part.h"

namespace sure {

namespace {

bool stays_frozen(const TuningOptions& options, const std::string& name) {
  switch (part_of(name)) {
    case EncoderPart::kFrontEnd:
      return options.freeze_front_end || options.freeze_layers > 0;
    case EncoderPart::kProjection:
      return options.freeze_layers > 0;
    case EncoderPart::kLayer:
      return *encoder_layer_of(name) < options.freeze_layers;
    case EncoderPart::kOther:
      return false;
  }
  return false;
}

}  // namespace

void apply_finetune(const TuningOptions& options, TuningTarget& target) {
  for (NamedTensor& parameter : target.backbone) {
    if (!parameter.is_buffer && !stays_frozen(options, parameter.name)) parameter.value.requires_grad_(true);
  }
}

}  // namespace sure
