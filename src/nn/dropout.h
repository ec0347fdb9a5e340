// Dropout (Srivastava et al. 2014) of any tensor.
#pragma once

#include "core/tensor.h"

namespace sure {

/// x with a share `rate` of its elements 0 and the others divided by 1 - rate; x itself outside training.
Tensor drop_out(const Tensor& x, double rate, bool training);

}  // namespace sure
