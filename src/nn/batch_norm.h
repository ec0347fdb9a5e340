// Batch norm over frames (Ioffe and Szegedy 2015).
#pragma once

#include "nn/parameters.h"

namespace sure {

/// Where the mean and the variance come from.
enum class BatchStatistics {
  kept,    // those of the checkpoint, in training too
  learned  // the batch's own, which the running ones follow
};

class BatchNorm {
 public:
  /// Builds weight, bias, running_mean and running_var, each [channels].
  BatchNorm(const Scope& scope, int64_t channels);

  /// [B, C, T] -> [B, C, T]. Learned statistics are those of the frames that `mask`, bool [B, T] or undefined, has
  /// true.
  Tensor forward(const Tensor& x, const Tensor& mask, BatchStatistics statistics) const;

 private:
  Tensor learn(const Tensor& x, const Tensor& mask) const;

  Tensor weight_;
  Tensor bias_;
  Tensor running_mean_;
  Tensor running_var_;
};

}  // namespace sure
