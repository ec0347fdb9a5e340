#include "nn/conv1d.h"

#include <ATen/ops/conv1d.h>

namespace sure {

Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t stride, int64_t padding,
              int64_t groups) {
  const int64_t inputs = weight.size(1);
  const auto run = [&](const Tensor& from, const Tensor& by, const Tensor& offset) {
    return at::conv1d(from, by, offset, stride, padding, /*dilation=*/1, groups);
  };
  const bool is_wrong = x.scalar_type() == at::kBFloat16 && x.is_cpu() && inputs > 1 && inputs < 16;
  if (!is_wrong) return run(x, weight, bias);
  const Tensor offset = bias.defined() ? bias.to(at::kFloat) : bias;
  return run(x.to(at::kFloat), weight.to(at::kFloat), offset).to(at::kBFloat16);
}

}  // namespace sure
