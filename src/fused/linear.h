// Linear layers with what LoRA adds beside them, as one operation each: bias, activation and the update ride on the
// matrix products, and only what the gradients of what trains need is kept and computed. Where there are no kernels for
// the device, the type or the sizes, ATen computes the same.
#pragma once

#include <vector>

#include "core/tensor.h"

namespace sure::fused {

/// LoRA's update (Hu et al. 2021): y += scaling · (x Aᵀ) Bᵀ.
struct LowRankUpdate {
  Tensor a;  // [r, in]; undefined: no update
  Tensor b;  // [out, r]
  double scaling = 0;
  /// fp32 [B, r]: x Aᵀ of the b-th of the batch is multiplied by row b, so that each can have columns of its own.
  /// Undefined: it is not.
  Tensor mask = {};
};

struct LinearLayer {
  Tensor weight;  // [out, in], of any type
  Tensor bias;    // [out] or undefined
  LowRankUpdate update;
  Tensor scales = {};  // [out] of an int8 weight (fused/quantise.h), else undefined
};

/// Whether kernels take the layer for inputs of that type: even sizes and rank; with an int8 weight, multiples of 4.
bool can_fuse(const LinearLayer& layer, at::ScalarType type);

/// x [..., in] -> for each layer [..., out]. One to three layers.
std::vector<Tensor> linears(const Tensor& x, const std::vector<LinearLayer>& layers);

/// outer(dropout(gelu(inner(x)))): [..., D] -> [..., D], with the exact GELU.
Tensor feed_forward(const Tensor& x, const LinearLayer& inner, const LinearLayer& outer, double dropout, bool training);

}  // namespace sure::fused
