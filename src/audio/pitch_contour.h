// A pitch contour as a speech synthesiser predicts it (Suni et al. 2013, Ren et al. 2021): the logarithm of F0, of mean
// 0 and deviation 1 and interpolated where the voice is silent, as a sum of parts of ten speeds, each an octave slower
// than the one before (a continuous wavelet transform with the Mexican hat).
#pragma once

#include <cstdint>

#include "core/tensor.h"

namespace sure {

constexpr int64_t kContourScales = 10;

struct PitchContour {
  Tensor parts;          // fp32 [T, kContourScales], the fastest first; their sum is the contour
  Tensor voiced;         // bool [T]
  double mean = 0;       // of ln F0 over all frames, F0 in Hz; 0 for a clip without voice
  double deviation = 0;  // of the same
};

/// F0 in Hz, fp32 [T], 0 = unvoiced.
PitchContour pitch_contour(const Tensor& hertz);

/// The parts of a contour, fp32 [T] -> [T, kContourScales]. On average over all frequencies they add up to it.
Tensor contour_parts(const Tensor& contour);

/// F0 in Hz, [T], of parts [T, kContourScales], whose sum is brought to mean 0 and deviation 1 before.
Tensor hertz_of_parts(const Tensor& parts, double mean, double deviation);

}  // namespace sure
