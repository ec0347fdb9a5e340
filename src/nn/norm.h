// Layer norm (Ba et al. 2016) and the front-end's group norm (Wu and He 2018).
#pragma once

#include "fused/residual.h"
#include "nn/parameters.h"

namespace sure {

class LayerNorm {
 public:
  LayerNorm(const Scope& scope, int64_t size, double eps = 1e-5);

  /// Over the last axis: [..., D] -> [..., D].
  Tensor forward(const Tensor& x) const;

  /// x + dropout(y), and the norm of it.
  fused::AddNormResult forward_sum(const Tensor& x, const Tensor& y, double rate, bool training) const;

  const Tensor& weight() const { return weight_; }
  const Tensor& bias() const { return bias_; }
  double eps() const { return eps_; }

 private:
  Tensor weight_;
  Tensor bias_;
  double eps_;
};

/// One group per channel, so each channel is normalised over time.
class ChannelNorm {
 public:
  ChannelNorm(const Scope& scope, int64_t channels);

  /// [B, C, T] -> [B, C, T]. With a mask (bool [B, T]) the statistics are those of the valid frames.
  Tensor forward(const Tensor& x, const Tensor& frame_mask) const;

  static constexpr double kEps = 1e-5;
  const Tensor& weight() const { return weight_; }
  const Tensor& bias() const { return bias_; }

 private:
  Tensor weight_;
  Tensor bias_;
};

}  // namespace sure
