// Frames -> mean removed, pre-emphasis, Povey window -> power spectrum -> log mel energies -> DCT, lifter -> deltas.
#include "audio/mfcc.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/fft_rfft.h>
#include <ATen/ops/hann_window.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <limits>

#include "audio/audio.h"
#include "audio/mel_scale.h"
#include "core/error.h"

namespace sure {

namespace {

constexpr int64_t kTransformSize = 512;
constexpr int64_t kMelBins = 23;
constexpr int64_t kCoefficients = 13;
constexpr double kPreEmphasis = 0.97;
constexpr double kPoveyPower = 0.85;
constexpr double kLifter = 22;
constexpr double kLowest = 20;  // Hz
constexpr double kHighest = kSampleRate / 2.0;
constexpr int64_t kDeltaReach = 2;  // frames to each side
constexpr float kSmallestEnergy = std::numeric_limits<float>::epsilon();

/// Triangles that are equally wide in mels, [spectrum, mel bins]; the spectrum's last bin takes no part.
Tensor mel_filters() {
  const double low = mel_of(kLowest);
  const double step = (mel_of(kHighest) - low) / static_cast<double>(kMelBins + 1);
  const Tensor left = (low + step * at::arange(kMelBins, at::kDouble)).unsqueeze(0);
  const double bin_width = static_cast<double>(kSampleRate) / kTransformSize;
  const Tensor mels = mel_of(bin_width * at::arange(kTransformSize / 2, at::kDouble)).unsqueeze(1);
  const Tensor filters = at::minimum((mels - left) / step, (left + 2 * step - mels) / step).clamp_min(0);
  return at::cat({filters, filters.new_zeros({1, kMelBins})}).to(at::kFloat);
}

/// The orthonormal DCT-II with Kaldi's lifter in it, [mel bins, coefficients].
Tensor cepstrum_matrix() {
  const Tensor bins = (at::arange(kMelBins, at::kDouble) + 0.5).unsqueeze(1);
  const Tensor orders = at::arange(kCoefficients, at::kDouble).unsqueeze(0);
  Tensor matrix = at::cos(M_PI / static_cast<double>(kMelBins) * bins * orders) * std::sqrt(2.0 / kMelBins);
  matrix.select(1, 0).fill_(std::sqrt(1.0 / kMelBins));
  return (matrix * (1 + 0.5 * kLifter * at::sin(M_PI * orders / kLifter))).to(at::kFloat);
}

Tensor povey_window() {
  return at::hann_window(kMfccWindow, /*periodic=*/false, at::TensorOptions(at::kDouble))
      .pow(kPoveyPower)
      .to(at::kFloat);
}

Tensor windowed_frames(const Tensor& samples) {
  static const Tensor window = povey_window();
  Tensor frames = samples.unfold(0, kMfccWindow, kMfccHop);
  frames = frames - frames.mean(1, /*keepdim=*/true);
  const Tensor before = at::cat({frames.narrow(1, 0, 1), frames.narrow(1, 0, kMfccWindow - 1)}, 1);
  return (frames - kPreEmphasis * before) * window;
}

/// Least-squares slope over 5 frames, whose ends repeat: [T, F] -> [T, F].
Tensor deltas(const Tensor& values) {
  const int64_t frames = values.size(0);
  const Tensor first = values.narrow(0, 0, 1).expand({kDeltaReach, -1});
  const Tensor last = values.narrow(0, frames - 1, 1).expand({kDeltaReach, -1});
  const Tensor padded = at::cat({first, values, last});
  Tensor sum = at::zeros_like(values);
  double norm = 0;
  for (int64_t offset = -kDeltaReach; offset <= kDeltaReach; ++offset) {
    sum.add_(padded.narrow(0, offset + kDeltaReach, frames), static_cast<double>(offset));
    norm += static_cast<double>(offset * offset);
  }
  return sum.div_(norm);
}

}  // namespace

Tensor mfcc(const Tensor& samples) {
  if (samples.size(0) < kMfccWindow) {
    fail("a clip of {} samples is too short for one frame of MFCC, which takes {}", samples.size(0), kMfccWindow);
  }
  static const Tensor filters = mel_filters(), cepstrum = cepstrum_matrix();
  const Tensor power = at::fft_rfft(windowed_frames(samples), kTransformSize).abs().square();
  const Tensor coefficients = at::mm(at::mm(power, filters).clamp_min(kSmallestEnergy).log(), cepstrum);
  const Tensor slopes = deltas(coefficients);
  return at::cat({coefficients, slopes, deltas(slopes)}, 1);
}

}  // namespace sure
