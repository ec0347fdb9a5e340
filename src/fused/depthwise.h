// The ConvAdapter's three grouped convolutions over time as one operation in bf16 or fp32 with channels last.
#pragma once

#include "core/tensor.h"

namespace sure::fused {

/// Weights as torch's grouped conv1d has them, fp32.
struct DepthwiseWeights {
  Tensor down;  // [C / 2, 2, K1]
  Tensor mid;   // [C / 2, 1, K2]
  Tensor up;    // [C, 1, K3]
};

/// Whether the operation takes x and these weights: on the CPU, half the channels inside, kernels odd and at most
/// 31 wide.
bool can_fuse(const Tensor& x, const DepthwiseWeights& weights);

struct DepthwiseResult {
  Tensor y;     // [B, T, C]
  Tensor mean;  // [B, C] fp32, over the valid frames of y
};

/// up(mid(relu(down(x)))), each "same" over time and without bias; x [B, T, C]. `lengths` int64 [B]: frames from
/// there on count as 0 before and after each; undefined: all frames are valid.
DepthwiseResult depthwise_chain(const Tensor& x, const DepthwiseWeights& weights, const Tensor& lengths);

}  // namespace sure::fused
