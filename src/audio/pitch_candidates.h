// The periods that one frame of sound may have: the peaks of its autocorrelation.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "audio/pitch.h"

namespace sure {

struct PitchCandidate {
  double hertz = 0;     // 0: the frame is unvoiced
  double strength = 0;  // height of the peak, 1 = periodic
};

struct PitchFrame {
  double intensity = 0;                    // peak of the frame over that of the whole clip, at most 1
  std::vector<PitchCandidate> candidates;  // the first is the unvoiced one
};

/// Samples around a frame's middle that count, which must all lie in the clip.
struct PitchWindow {
  explicit PitchWindow(double rate, double floor);

  double seconds;  // 3 periods of the floor
  int64_t half;    // samples of the window to each side
  int64_t period;  // samples, of the floor
};

/// Frames with their middles at `first_time` + i · options.time_step, `count` of them.
std::vector<PitchFrame> pitch_frames(const Tensor& samples, double rate, double first_time, int64_t count,
                                     const PitchOptions& options);

}  // namespace sure
