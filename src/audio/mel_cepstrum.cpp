#include "audio/mel_cepstrum.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/fft_rfft.h>
#include <ATen/ops/hann_window.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "core/error.h"

namespace sure {

namespace {

constexpr int64_t kBands = 20;

double mel_of(double hertz) { return 2595 * std::log10(1 + hertz / 700); }
double hertz_of(double mel) { return 700 * (std::pow(10, mel / 2595) - 1); }

/// fp64 [20, transform / 2 + 1]; corners lie on whole bins of the transform.
Tensor triangles(int64_t transform, int64_t rate) {
  std::vector<int64_t> corners;
  const double highest = mel_of(static_cast<double>(rate) / 2);
  for (int64_t i = 0; i < kBands + 2; ++i) {
    const double hertz = hertz_of(highest * static_cast<double>(i) / (kBands + 1));
    corners.push_back(static_cast<int64_t>(static_cast<double>(transform + 1) * hertz / static_cast<double>(rate)));
  }
  Tensor filters = at::zeros({kBands, transform / 2 + 1}, at::kDouble);
  auto weights = filters.accessor<double, 2>();
  for (int64_t band = 0; band < kBands; ++band) {
    const int64_t left = corners[band], middle = corners[band + 1], right = corners[band + 2];
    for (int64_t bin = left; bin < middle; ++bin) {
      weights[band][bin] = static_cast<double>(bin - left) / static_cast<double>(middle - left);
    }
    for (int64_t bin = middle; bin < right; ++bin) {
      weights[band][bin] = static_cast<double>(right - bin) / static_cast<double>(right - middle);
    }
  }
  return filters;
}

}  // namespace

Tensor mel_bels(const Tensor& samples, int64_t rate) {
  const auto window = static_cast<int64_t>(kCepstrumWindow * static_cast<double>(rate));
  const auto hop = static_cast<int64_t>(kCepstrumHop * static_cast<double>(rate));
  const int64_t length = samples.size(0);
  if (hop < 1 || length <= window + hop) {
    fail("a clip of {} samples at {} Hz is too short to be compared: {} ms are needed", length, rate,
         1000 * (kCepstrumWindow + kCepstrumHop));
  }
  const Tensor wide = samples.to(at::kDouble), peak = wide.abs().max();
  if (peak.item<double>() == 0) fail("silence cannot be compared: a clip of {} samples, all of them 0", length);
  // The reference takes one frame fewer where the last one ends with the clip.
  const Tensor frames = (wide / peak).slice(0, 0, length - 1).unfold(0, window, hop);
  const Tensor spectrum = at::fft_rfft(frames * at::hann_window(window, /*periodic=*/false, at::kDouble));
  const Tensor energy = at::mm(spectrum.abs().square(), triangles(window, rate).t());
  return (energy + std::numeric_limits<double>::epsilon()).log10();
}

Tensor mel_cepstra(const Tensor& bels) {
  const Tensor n = at::arange(1, kBands + 1, at::kDouble);
  const Tensor cosines = (n.unsqueeze(1) * (n - 0.5) * (std::numbers::pi / kBands)).cos();
  return at::mm(bels, cosines.t());
}

}  // namespace sure
