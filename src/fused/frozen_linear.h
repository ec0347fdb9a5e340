// Linear layers whose weights do not train, with what LoRA adds beside them, as one operation each: bias, activation
// and the update ride on the matrix products, and only what the gradients of the input and of the update need is kept.
#pragma once

#include <vector>

#include "core/tensor.h"

namespace sure::fused {

/// LoRA's update (Hu et al. 2021): y += scaling · (x Aᵀ) Bᵀ.
struct LowRankUpdate {
  Tensor a;  // [r, in]; undefined: no update
  Tensor b;  // [out, r]
  double scaling = 0;
};

struct FrozenLinear {
  Tensor weight;  // [out, in] bf16
  Tensor bias;    // [out] or undefined
  LowRankUpdate update;
};

/// Whether the layer is frozen and of a shape that the kernels take: even sizes and rank.
bool can_fuse(const FrozenLinear& layer);

/// x [..., in] bf16 -> for each layer [..., out]. One to three layers.
std::vector<Tensor> frozen_linears(const Tensor& x, const std::vector<FrozenLinear>& layers);

/// outer(dropout(gelu(inner(x)))): [..., D] -> [..., D].
Tensor frozen_feed_forward(const Tensor& x, const FrozenLinear& inner, const FrozenLinear& outer, double dropout,
                           bool training);

}  // namespace sure::fused
