// The options of SpeechT5's transformer layers.
#pragma once

#include "nn/encoder_layer.h"
#include "tts/speecht5_config.h"

namespace sure {

EncoderLayerOptions encoder_layer_options(const SpeechT5Config& config);
EncoderLayerOptions decoder_layer_options(const SpeechT5Config& config);

}  // namespace sure
