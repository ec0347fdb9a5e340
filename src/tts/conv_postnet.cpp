#include "tts/conv_postnet.h"

#include <ATen/ops/tanh.h>

#include "fused/residual.h"
#include "nn/conv1d.h"
#include "nn/frame_conv.h"

namespace sure {

namespace {

constexpr double kInitialSpread = 0.02;

}  // namespace

ConvPostnet::ConvPostnet(const Scope& scope, const ConvPostnetOptions& options) : dropout_(options.dropout) {
  for (int64_t i = 0; i < options.layers; ++i) {
    const int64_t in = i == 0 ? options.mels : options.channels;
    const int64_t out = i == options.layers - 1 ? options.mels : options.channels;
    const Scope layer = scope / "layers" / i, conv = layer / "conv";
    const Tensor weight = conv.parameter("weight", {out, in, options.kernel}, init::normal(kInitialSpread));
    const Tensor bias = options.with_bias ? conv.parameter("bias", {out}, init::zeros()) : Tensor();
    layers_.push_back({weight, bias, BatchNorm(layer / "batch_norm", out)});
  }
}

Tensor ConvPostnet::forward(const Tensor& frames, const Tensor& mask, bool training, BatchStatistics statistics) const {
  Tensor x = frames;
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const Tensor seen = zero_outside(x, mask).transpose(1, 2);
    const Tensor y = conv1d(seen, layer.weight, layer.bias, /*stride=*/1, layer.weight.size(2) / 2);
    const Tensor normed = layer.norm.forward(y, mask, statistics);
    const Tensor activated = i + 1 < layers_.size() ? at::tanh(normed) : normed;
    x = fused::dropout(activated, dropout_, training).transpose(1, 2);
  }
  return frames + x;
}

}  // namespace sure
