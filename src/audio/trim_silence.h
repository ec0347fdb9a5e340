// Silence at both ends of a clip, cut as librosa.effects.trim cuts it.
#pragma once

#include <cstdint>

#include "core/tensor.h"

namespace sure {

struct TrimOptions {
  double below_peak = 23;  // dB under the loudest frame: what is quieter is silence
  int64_t frame = 1024;    // samples
  int64_t hop = 256;       // samples
};

/// Mono fp32 [S] -> the part [S'] from the first frame that is not silent to the last. A clip that is silent throughout
/// has no loudest frame and stays whole.
Tensor trim_silence(const Tensor& samples, const TrimOptions& options = {});

}  // namespace sure
