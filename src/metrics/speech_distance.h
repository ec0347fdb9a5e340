// How far synthetic speech is from a recording of the same words, frame by frame along the cheapest alignment.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/tensor.h"

namespace sure {

/// Frames that belong together, from (0, 0) to (A - 1, B - 1), one step at a time in either or both: dynamic time
/// warping (Sakoe and Chiba 1978) of fp64 [A, D] and [B, D] by Euclidean distance. Memory: A B bytes and 8 A B for the
/// distances.
std::vector<std::pair<int64_t, int64_t>> time_warping(const Tensor& a, const Tensor& b);

struct SpeechDistance {
  double cepstral = 0;         // mel-cepstral distance, coefficients 2 to 16, as PyPI's mel-cepstral-distance 0.0.4
  double pitch = 0;            // root mean square of the difference in Hz where both are voiced; NaN where nothing is
  double pitch_semitones = 0;  // the same in semitones
  double voicing = 0;          // share of frames of which one is voiced and the other is not
  double pitch_frames = 0;     // F0 frame error (Chu and Alwan 2009): voicing wrong, or pitch by more than 20 %
  double seconds = 0;          // length of the speech less that of the recording
};

/// Mono [S] each, at the same `rate` Hz. Throws Error for silence and clips too short to be compared.
SpeechDistance speech_distance(const Tensor& recording, const Tensor& speech, int64_t rate);

}  // namespace sure
