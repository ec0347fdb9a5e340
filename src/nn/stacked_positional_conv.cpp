#include "nn/stacked_positional_conv.h"

#include <cmath>

#include "fused/libtorch_norm.h"
#include "nn/conv1d.h"

namespace sure {

namespace {

constexpr double kNormEps = 1e-5;

}  // namespace

StackedPositionalConv::StackedPositionalConv(const Scope& scope, const StackedPositionalConvOptions& options)
    : groups_(options.groups), activation_(find_activation(options.activation)) {
  const int64_t in = options.size / options.groups;
  const double bound = 1 / std::sqrt(static_cast<double>(in * options.kernel));
  for (int64_t i = 0; i < options.layers; ++i) {
    const Scope conv = scope / "layers" / i / "conv";
    layers_.push_back({conv.parameter("weight", {options.size, in, options.kernel}, init::uniform(bound)),
                       conv.parameter("bias", {options.size}, init::zeros())});
  }
}

Tensor StackedPositionalConv::forward(const Tensor& x, const Tensor& frame_mask) const {
  Tensor y = x;
  for (const Layer& layer : layers_) {
    if (frame_mask.defined()) y = y.masked_fill(frame_mask.logical_not().unsqueeze(2), 0);
    const Tensor convolved = conv1d(y.transpose(1, 2), layer.weight.to(x.scalar_type()), layer.bias, /*stride=*/1,
                                    layer.weight.size(2) / 2, groups_);
    y = activation_(fused::layer_norm(convolved.narrow(2, 0, x.size(1)).transpose(1, 2), {}, {}, kNormEps));
  }
  return y;
}

}  // namespace sure
