// Attention of all heads as one operation, without its weights in memory where there are kernels for it.
#pragma once

#include "core/tensor.h"

namespace sure::fused {

/// A bias by the distance of frames (WavLM, Chen et al. 2022): gate[b, h, i] · table[h, j - i + T - 1] is added to the
/// scaled score of query i and the key of frame j; keys in front of the frames get none. Undefined: no bias.
struct RelativeBias {
  Tensor table;  // fp32 [heads, 2 T - 1]
  Tensor gate;   // fp32 [B, heads, T]
};

/// softmax(q kᵀ / sqrt(D / heads) + bias) v for each head: q [B, T, D], k and v [B, K, D] -> [B, T, D], all of one
/// type. `key_lengths` int64 [B]: keys from there on are padding; undefined: none are. With a bias the last T of the
/// keys are those of the queries' frames. Dropout acts on the weights.
Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, int64_t heads, const Tensor& key_lengths,
                 double dropout, bool training, const RelativeBias& bias = {});

}  // namespace sure::fused
