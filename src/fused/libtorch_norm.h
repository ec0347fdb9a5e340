// Norms by libtorch, where no kernel of ours computes them.
#pragma once

#include "core/tensor.h"

namespace sure::fused {

/// Layer norm over the last axis, [..., D] -> [..., D]. `weight` and `bias` (of x's type) may be undefined. Rows whose
/// variance overflows become NaN, where libtorch would make zeros of them.
Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps);

/// Group norm with one channel a group, [B, C, T] -> [B, C, T]. Likewise.
Tensor channel_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps);

}  // namespace sure::fused
