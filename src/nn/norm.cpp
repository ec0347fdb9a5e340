#include "nn/norm.h"

#include "fused/libtorch_norm.h"

namespace sure {

namespace {

/// 1 / sqrt(variance + eps), NaN where the variance overflowed: 1 / infinity would be taken for a number.
Tensor inverse_deviation(const Tensor& variance, double eps) { return (variance + eps).rsqrt() + variance * 0; }

Tensor masked_channel_norm(const Tensor& x, const Tensor& frame_mask) {
  const Tensor mask = frame_mask.unsqueeze(1).to(x.scalar_type());  // [B, 1, T]
  const Tensor count = mask.sum(2, /*keepdim=*/true).clamp_min(1);
  const Tensor centred = x - (x * mask).sum(2, true) / count;
  const Tensor variance = (centred.square() * mask).sum(2, true) / count;
  return centred * inverse_deviation(variance, ChannelNorm::kEps);
}

}  // namespace

LayerNorm::LayerNorm(const Scope& scope, int64_t size, double eps)
    : weight_(scope.parameter("weight", {size}, init::ones())),
      bias_(scope.parameter("bias", {size}, init::zeros())),
      eps_(eps) {}

fused::AddNormResult LayerNorm::forward_sum(const Tensor& x, const Tensor& y, double rate, bool training) const {
  return fused::add_norm(x, y, rate, training, weight_, bias_, eps_);
}

Tensor LayerNorm::forward(const Tensor& x) const {
  return fused::add_norm(x, {}, 0, false, weight_, bias_, eps_).normed;
}

ChannelNorm::ChannelNorm(const Scope& scope, int64_t channels)
    : weight_(scope.parameter("weight", {channels}, init::ones())),
      bias_(scope.parameter("bias", {channels}, init::zeros())) {}

Tensor ChannelNorm::forward(const Tensor& x, const Tensor& frame_mask) const {
  const auto dtype = x.scalar_type();
  if (!frame_mask.defined()) return fused::channel_norm(x, weight_.to(dtype), bias_.to(dtype), kEps);
  const Tensor normed = masked_channel_norm(x.to(at::kFloat), frame_mask);
  return (normed * weight_.unsqueeze(1) + bias_.unsqueeze(1)).to(dtype);
}

}  // namespace sure
