// A convolution over the frames of a sequence.
#pragma once

#include "nn/parameters.h"

namespace sure {

class FrameConv {
 public:
  /// Builds weight [out, in, kernel] and bias [out]; the kernel is odd.
  FrameConv(const Scope& scope, int64_t in, int64_t out, int64_t kernel);

  /// [B, T, in] -> [B, T, out], with zeros in front of the first frame and behind the last.
  Tensor forward(const Tensor& x) const;

 private:
  Tensor weight_;
  Tensor bias_;
};

/// x [B, T, …] with zeros where `mask`, bool [B, T], is false; x itself where it is undefined.
Tensor zero_outside(const Tensor& x, const Tensor& mask);

}  // namespace sure
