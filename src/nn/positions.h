// Positions of frames relative to their neighbours, to be added to an encoder's input.
#pragma once

#include "core/tensor.h"

namespace sure {

class Positions {
 public:
  virtual ~Positions() = default;

  /// [B, T, D] -> [B, T, D], to be added to x. With a mask (bool [B, T]) a frame's positions do not depend on those
  /// outside.
  virtual Tensor forward(const Tensor& x, const Tensor& frame_mask) const = 0;
};

}  // namespace sure
