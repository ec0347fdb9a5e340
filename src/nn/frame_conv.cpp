#include "nn/frame_conv.h"

#include <cmath>

#include "nn/conv1d.h"

namespace sure {

FrameConv::FrameConv(const Scope& scope, int64_t in, int64_t out, int64_t kernel)
    : weight_(scope.parameter("weight", {out, in, kernel}, init::kaiming_uniform(std::sqrt(5.0)))),
      bias_(scope.parameter("bias", {out}, init::zeros())) {}

Tensor FrameConv::forward(const Tensor& x) const {
  return conv1d(x.transpose(1, 2), weight_, bias_, /*stride=*/1, weight_.size(2) / 2).transpose(1, 2);
}

Tensor zero_outside(const Tensor& x, const Tensor& mask) {
  if (!mask.defined()) return x;
  Tensor outside = mask.logical_not();
  while (outside.dim() < x.dim()) outside = outside.unsqueeze(-1);
  return x.masked_fill(outside, 0);
}

}  // namespace sure
