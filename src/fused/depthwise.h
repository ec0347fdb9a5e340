// The ConvAdapter's three grouped convolutions over time. On the CPU, in bf16 or fp32, with half the channels inside
// and kernels odd and at most 31 wide they are one operation with channels last; all else is libtorch's.
#pragma once

#include "core/tensor.h"

namespace sure::fused {

/// Weights as torch's grouped conv1d has them, fp32.
struct DepthwiseWeights {
  Tensor down;  // [G, C / G, K1]
  Tensor mid;   // [G, 1, K2]
  Tensor up;    // [C, 1, K3]
};

struct DepthwiseResult {
  Tensor y;     // [B, T, C]
  Tensor mean;  // [B, C], over the valid frames of y; of libtorch in x's type, else fp32
};

/// up(mid(relu(down(x)))), each "same" over time, in G groups and without bias; x [B, T, C]. `lengths` int64 [B]:
/// frames from there on count as 0 before and after each; undefined: all frames are valid.
DepthwiseResult depthwise_chain(const Tensor& x, const DepthwiseWeights& weights, const Tensor& lengths);

}  // namespace sure::fused
