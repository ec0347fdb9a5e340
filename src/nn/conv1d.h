// at::conv1d, right on every processor.
#pragma once

#include "core/tensor.h"

namespace sure {

/// x [B, C, T], weight [out, C / groups, K], bias [out] or undefined -> [B, out, T'], all in x's type. In bf16 on a CPU
/// a convolution of 2 to 15 inputs a group is computed in fp32 and rounded: oneDNN's is wrong there on processors with
/// AMX (seen with libtorch 2.13; https://github.com/pytorch/pytorch/issues/163347), unless a group has one output.
Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t stride, int64_t padding = 0,
              int64_t groups = 1);

}  // namespace sure
