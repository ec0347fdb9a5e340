// What normalising a long recording part by part must know of the whole: its mean and variance, and those of the
// windows that the front-end's first convolution sees, which a group norm goes by.
#pragma once

#include <cstdint>
#include <filesystem>

#include "fused/convolution.h"

namespace sure {

struct RecordingStatistics {
  int64_t samples = 0;
  double mean = 0;
  double variance = 0;                 // of the population
  fused::WindowMoments first_windows;  // of the recording as normalise() leaves it, or as it is: see measure_recording

  /// What normalise() makes of these samples, fp32 [S], as a part of the whole.
  Tensor normalise(const Tensor& samples) const;
};

/// Reads the recording once, block by block. `kernel` and `stride` are those of the first convolution; `normalised`:
/// its windows are those of the normalised recording. `limit` > 0: only so many samples. Throws as SampleStream does,
/// and for a recording that is shorter than the kernel.
RecordingStatistics measure_recording(const std::filesystem::path& path, int64_t kernel, int64_t stride,
                                      bool normalised, int64_t limit = 0);

}  // namespace sure
