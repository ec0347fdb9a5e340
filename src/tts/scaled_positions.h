// Sinusoids by position times a learnt factor (Li et al. 2019, §3.2).
#pragma once

#include "nn/parameters.h"

namespace sure {

/// fp32 [length, size], sine and cosine in turns (Vaswani et al. 2017), of the positions from `first` on.
Tensor sinusoids(int64_t first, int64_t length, int64_t size);

class ScaledPositions {
 public:
  /// Builds alpha [].
  ScaledPositions(const Scope& scope, int64_t size, double dropout);

  /// x [B, T, D], whose first step is number `first`, -> [B, T, D].
  Tensor forward(const Tensor& x, int64_t first, bool training) const;

 private:
  Tensor alpha_;
  int64_t size_;
  double dropout_;
};

}  // namespace sure
