// Dropout, residual and layer norm as single operations in bf16 or fp32.
#pragma once

#include "core/tensor.h"

namespace sure::fused {

struct AddNormResult {
  Tensor sum;     // x + dropout(y)
  Tensor normed;  // its layer norm
};

/// Layer norm over the last axis of x + dropout(y); weight and bias [D]. y may be undefined: of x alone, and
/// `sum` is x. All tensors [..., D].
AddNormResult add_norm(const Tensor& x, const Tensor& y, double dropout, bool training, const Tensor& weight,
                       const Tensor& bias, double eps);

/// As at::dropout.
Tensor dropout(const Tensor& x, double rate, bool training);

}  // namespace sure::fused
