#include "audio/pitch_contour.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/fft_irfft.h>
#include <ATen/ops/fft_rfft.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sure {

namespace {

constexpr double kFastest = 2;  // frames: the width of the fastest wavelet

/// ln F0 with straight lines through the gaps and its ends held, [T]; at least one frame is voiced.
Tensor interpolated(const Tensor& hertz) {
  const Tensor log = at::empty_like(hertz);
  const auto* in = hertz.const_data_ptr<float>();
  auto* out = log.mutable_data_ptr<float>();
  const int64_t frames = hertz.size(0);
  int64_t last = -1;  // voiced frame
  for (int64_t t = 0; t < frames; ++t) {
    if (in[t] <= 0) continue;
    out[t] = std::log(in[t]);
    const float from = last < 0 ? out[t] : out[last];
    for (int64_t i = last + 1; i < t; ++i) {
      const float share = static_cast<float>(i - last) / static_cast<float>(t - last);
      out[i] = from + (out[t] - from) * share;
    }
    last = t;
  }
  std::fill(out + last, out + frames, out[last]);
  return log;
}

/// Mean 0 and deviation 1; zeros for what does not move.
Tensor standardised(const Tensor& x) {
  const Tensor centred = x - x.mean();
  const double deviation = centred.square().mean().sqrt().item<double>();
  return deviation > 1e-6 ? centred / deviation : centred * 0;
}

}  // namespace

Tensor contour_parts(const Tensor& contour) {
  const int64_t frames = contour.size(0), period = 2 * frames;  // mirrored, so that its ends meet
  const Tensor spectrum = at::fft_rfft(at::cat({contour, contour.flip(0)}));
  const Tensor speeds = at::arange(period / 2 + 1, at::kFloat) * (2 * std::numbers::pi / static_cast<double>(period));
  std::vector<Tensor> parts;
  for (int64_t scale = 0; scale < kContourScales; ++scale) {
    const Tensor u = (speeds * std::ldexp(kFastest, static_cast<int>(scale))).square();
    const Tensor gain = std::numbers::ln2 * u * (-u / 2).exp();  // Σ over octaves is 1 on average
    parts.push_back(at::fft_irfft(spectrum * gain, period).slice(0, 0, frames));
  }
  return at::stack(parts, 1);
}

PitchContour pitch_contour(const Tensor& hertz) {
  const Tensor track = hertz.to(at::kFloat).contiguous();
  const int64_t frames = track.size(0);
  PitchContour contour = {at::zeros({frames, kContourScales}), track > 0};
  if (!contour.voiced.any().item<bool>()) return contour;
  const Tensor log = interpolated(track);
  contour.mean = log.mean().item<double>();
  contour.deviation = (log - log.mean()).square().mean().sqrt().item<double>();
  contour.parts = contour_parts(standardised(log));
  return contour;
}

Tensor hertz_of_parts(const Tensor& parts, double mean, double deviation) {
  return (standardised(parts.sum(1)) * deviation + mean).exp();
}

}  // namespace sure
