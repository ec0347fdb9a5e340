#include "nn/encoder_part.h"

#include "nn/parameters.h"

namespace sure {

EncoderPart part_of(std::string_view name) {
  if (name.starts_with("feature_extractor.")) return EncoderPart::kFrontEnd;
  if (name.starts_with("feature_projection.")) return EncoderPart::kProjection;
  return encoder_layer_of(name) ? EncoderPart::kLayer : EncoderPart::kOther;
}

bool is_of_attention_adapter(std::string_view name) { return name.find(".adapter_layer.") != std::string_view::npos; }

}  // namespace sure
