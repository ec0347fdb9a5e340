// From symbols to frames and back (Ren et al. 2019). Durations: int64 [B, S], in frames, 0 for padding.
#pragma once

#include "core/tensor.h"

namespace sure {

/// The symbol that each frame belongs to, int64 [B, frames]; behind the last frame of a clip some symbol.
Tensor symbols_of_frames(const Tensor& durations, int64_t frames);

/// What each frame's symbol has: x [B, S, D], symbols as above [B, T] -> [B, T, D].
Tensor expand_to_frames(const Tensor& x, const Tensor& symbols);

/// The mean of a symbol's frames: values [B, T], which are zero behind a clip's end -> [B, S], 0 where there are none.
Tensor mean_of_frames(const Tensor& values, const Tensor& symbols, const Tensor& durations);

}  // namespace sure
