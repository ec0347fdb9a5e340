// How one forward pass runs; handed down to every layer.
#pragma once

#include <memory>

#include "core/tensor.h"

namespace sure {

class BatchAdapters;

struct ForwardContext {
  /// Dropout and layer drop are on.
  bool training = false;
  /// bool [B, T], true = a frame of real audio. Undefined: every frame is valid.
  Tensor frame_mask = {};
  /// Which adapters act on which rows of the batch; null: none do.
  std::shared_ptr<const BatchAdapters> adapters = {};
};

}  // namespace sure
