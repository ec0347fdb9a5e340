#include "nn/conv1d.h"

#include <ATen/ops/conv1d.h>

namespace sure {

Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t stride, int64_t padding,
              int64_t groups) {
  const int64_t inputs = weight.size(1);
  const auto type = x.scalar_type();
  const bool is_wrong = type == at::kBFloat16 && x.is_cpu() && inputs > 1 && inputs < 16;
  const auto cast = [&](const Tensor& t) { return t.defined() ? t.to(type).to(is_wrong ? at::kFloat : type) : t; };
  return at::conv1d(cast(x), cast(weight), cast(bias), stride, padding, /*dilation=*/1, groups).to(type);
}

}  // namespace sure
