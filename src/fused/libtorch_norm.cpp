#include "fused/libtorch_norm.h"

#include <ATen/ops/native_group_norm.h>
#include <ATen/ops/native_layer_norm.h>

#include <limits>

namespace sure::fused {

namespace {

/// Inverse deviations are 0 where the variance overflowed: what they scaled becomes NaN, in place.
Tensor without_overflow(const Tensor& normed, const Tensor& inverse) {
  normed.detach().masked_fill_(inverse == 0, std::numeric_limits<double>::quiet_NaN());
  return normed;
}

}  // namespace

Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  const auto [normed, mean, inverse] = at::native_layer_norm(x, x.sizes().slice(x.dim() - 1), weight, bias, eps);
  return without_overflow(normed, inverse);
}

Tensor channel_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  const auto [normed, mean, inverse] =
      at::native_group_norm(x.contiguous(), weight, bias, x.size(0), x.size(1), x.size(2), x.size(1), eps);
  return without_overflow(normed, inverse.unsqueeze(2));
}

}  // namespace sure::fused
