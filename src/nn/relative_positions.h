// WavLM's gated relative position bias (Chen et al. 2022): what is added to the score of query i and key j of head h is
// gate[i, h] · table[h, j - i].
#pragma once

#include "nn/parameters.h"

namespace sure {

struct RelativePositionOptions {
  int64_t heads = 12;
  int64_t buckets = 320;       // half of them for keys behind the query
  int64_t max_distance = 800;  // frames: farther ones share a bucket
};

/// A bias for each distance, in T5's buckets (Raffel et al. 2020): one for each near distance, wider ones farther out.
/// All layers share it.
class RelativePositions {
 public:
  /// Builds weight [buckets, heads].
  RelativePositions(const Scope& scope, const RelativePositionOptions& options);

  /// fp32 [heads, 2 frames - 1]; element frames - 1 + d is of a key d frames behind the query.
  Tensor table(int64_t frames) const;

 private:
  Tensor weight_;
  Tensor bucket_of_;  // int64 [2 max_distance + 1], by distance from -max_distance
};

/// How much each query heeds it, from the frame itself.
class PositionGate {
 public:
  /// Builds gru_rel_pos_const [1, heads, 1, 1] and gru_rel_pos_linear [8, width], width = D / heads.
  PositionGate(const Scope& attention, int64_t heads, int64_t width);

  /// [B, T, D] -> fp32 [B, heads, T].
  Tensor forward(const Tensor& x) const;

 private:
  Tensor constant_;
  Tensor weight_;
  Tensor bias_;
};

}  // namespace sure
