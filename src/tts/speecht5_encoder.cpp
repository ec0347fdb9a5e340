#include <ATen/ops/embedding.h>

#include "fused/residual.h"
#include "tts/speecht5.h"
#include "tts/speecht5_layers.h"

namespace sure {

namespace {

constexpr double kInitialSpread = 0.02;

}  // namespace

SpeechT5Encoder::SpeechT5Encoder(const Scope& scope, const SpeechT5Config& config)
    : embed_tokens_((scope / "prenet" / "embed_tokens")
                        .parameter("weight", {config.vocab_size, config.hidden_size}, init::normal(kInitialSpread))),
      encode_positions_(scope / "prenet" / "encode_positions", config.hidden_size, config.positional_dropout),
      layer_norm_(scope / "wrapped_encoder" / "layer_norm", config.hidden_size, config.layer_norm_eps),
      positions_(scope / "wrapped_encoder" / "embed_positions", config.encoder_max_relative_position,
                 config.hidden_size / config.encoder_attention_heads),
      dropout_(config.hidden_dropout) {
  const Scope layers = scope / "wrapped_encoder" / "layers";
  const EncoderLayerOptions options = encoder_layer_options(config);
  for (int64_t i = 0; i < config.encoder_layers; ++i) layers_.emplace_back(layers / i, options);
}

Tensor SpeechT5Encoder::forward(const Tensor& ids, const ForwardContext& pass) const {
  const Tensor embedded = encode_positions_.forward(at::embedding(embed_tokens_, ids), /*first=*/0, pass.training);
  Tensor x = fused::dropout(layer_norm_.forward(embedded), dropout_, pass.training);
  for (const RelativeEncoderLayer& layer : layers_) x = layer.forward(x, positions_, pass);
  return x;
}

void SpeechT5Encoder::quantise() {
  for (RelativeEncoderLayer& layer : layers_) layer.quantise();
}

}  // namespace sure
