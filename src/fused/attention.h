// Attention of all heads as one operation in bf16 or fp32, without its weights in memory.
#pragma once

#include "core/tensor.h"

namespace sure::fused {

/// softmax(q kᵀ / sqrt(D / heads)) v for each head: q [B, T, D], k and v [B, K, D] -> [B, T, D], all of one type; D /
/// heads is even. `key_lengths` int64 [B]: keys from there on are padding; undefined: none are. Dropout acts on the
/// weights.
Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, int64_t heads, const Tensor& key_lengths,
                 double dropout, bool training);

}  // namespace sure::fused
