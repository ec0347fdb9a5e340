// How far two tensors are apart.
#pragma once

#include <ATen/ops/dot.h>

#include "core/tensor.h"

namespace sure::test {

/// ‖found - expected‖ / ‖expected‖, in double.
inline double relative_error(const Tensor& found, const Tensor& expected) {
  const Tensor e = expected.detach().to(at::kDouble), f = found.detach().to(at::kDouble);
  return ((f - e).norm() / e.norm()).item<double>();
}

/// The cosine of the angle between two tensors as vectors.
inline double cosine(const Tensor& a, const Tensor& b) {
  const Tensor x = a.detach().to(at::kDouble).flatten(), y = b.detach().to(at::kDouble).flatten();
  return (at::dot(x, y) / (x.norm() * y.norm())).item<double>();
}

}  // namespace sure::test
