#include "tts/variance_predictor.h"

#include <ATen/ops/relu.h>

namespace sure {

VariancePredictor::VariancePredictor(const Scope& scope, const VariancePredictorOptions& options)
    : output_(default_linear(scope / "output", options.channels, options.out)), dropout_(options.dropout) {
  if (options.positions) positions_.emplace(scope / "positions", options.in, /*dropout=*/0);
  for (int64_t i = 0; i < options.layers; ++i) {
    const Scope layer = scope / "layers" / i;
    const int64_t in = i == 0 ? options.in : options.channels;
    layers_.push_back({FrameConv(layer / "conv", in, options.channels, options.kernel),
                       LayerNorm(layer / "layer_norm", options.channels)});
  }
}

Tensor VariancePredictor::forward(const Tensor& x, const ForwardContext& context) const {
  Tensor y = positions_ ? positions_->forward(x, /*first=*/0, context.training) : x;
  for (const Layer& layer : layers_) {
    y = layer.norm.forward(at::relu(layer.conv.forward(zero_outside(y, context.frame_mask))));
    y = fused::dropout(y, dropout_, context.training);
  }
  return zero_outside(output_.forward(y, context), context.frame_mask);
}

}  // namespace sure
