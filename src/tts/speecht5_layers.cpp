#include "tts/speecht5_layers.h"

namespace sure {

EncoderLayerOptions encoder_layer_options(const SpeechT5Config& config) {
  EncoderLayerOptions options;
  options.hidden_size = config.hidden_size;
  options.heads = config.encoder_attention_heads;
  options.intermediate_size = config.encoder_ffn_dim;
  options.activation = config.hidden_act;
  options.layer_norm_eps = config.layer_norm_eps;
  options.hidden_dropout = config.hidden_dropout;
  options.attention_dropout = config.attention_dropout;
  options.activation_dropout = config.activation_dropout;
  return options;
}

EncoderLayerOptions decoder_layer_options(const SpeechT5Config& config) {
  EncoderLayerOptions options = encoder_layer_options(config);
  options.heads = config.decoder_attention_heads;
  options.intermediate_size = config.decoder_ffn_dim;
  return options;
}

}  // namespace sure
