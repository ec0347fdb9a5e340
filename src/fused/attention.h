// Attention of all heads as one operation in bf16 or fp32, without its weights in memory.
#pragma once

#include "core/tensor.h"

namespace sure::fused {

/// A gated bias by distance (WavLM): frame j's key adds gate[b, h, i] · table[h, (j - i) + T - 1] to query i's score.
/// The keys are those of the T frames, at the end; what stands in front of them (prefixes) has no bias.
struct RelativeBias {
  Tensor table;  // [H, 2 T - 1] fp32; undefined: no bias
  Tensor gate;   // [B, H, T] fp32
};

/// softmax(q kᵀ / sqrt(D / heads) + bias) v for each head: q [B, T, D], k and v [B, K, D] -> [B, T, D], all of one
/// type; by ATen where no kernel fits. `key_lengths` int64 [B]: keys from there on are padding; undefined: none are.
/// Dropout acts on the weights.
Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, int64_t heads, const Tensor& key_lengths,
                 double dropout, bool training, const RelativeBias& bias = {});

}  // namespace sure::fused
