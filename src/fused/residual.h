// Dropout, residual and layer norm as single operations; of ATen where there are no kernels.
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

/// x with a share `rate` of its elements 0 and the others divided by 1 - rate (Srivastava et al. 2014); x itself
/// outside training.
Tensor dropout(const Tensor& x, double rate, bool training);

}  // namespace sure::fused
