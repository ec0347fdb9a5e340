#include "audio/log_mel.h"

#include <ATen/ops/linspace.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/where.h>

#include <cmath>

namespace sure {

namespace {

// Slaney's scale (Auditory Toolbox): linear below 1,000 Hz, logarithmic above.
constexpr double kHertzAMel = 200.0 / 3;
constexpr double kBreakHertz = 1000;
constexpr double kBreakMel = kBreakHertz / kHertzAMel;
const double kLogStep = std::log(6.4) / 27;

double mel_of(double hertz) {
  return hertz < kBreakHertz ? hertz / kHertzAMel : kBreakMel + std::log(hertz / kBreakHertz) / kLogStep;
}

Tensor hertz_of(const Tensor& mels) {
  return at::where(mels < kBreakMel, mels * kHertzAMel, ((mels - kBreakMel) * kLogStep).exp() * kBreakHertz);
}

}  // namespace

MelOptions hifigan_mel() { return {}; }

MelOptions speecht5_mel() {
  MelOptions options;
  options.frames.rate = 16000;
  options.lowest = 80;
  options.highest = 7600;
  options.floor = 1e-10;
  options.log10 = true;
  return options;
}

Tensor mel_filters(const MelOptions& options) {
  const int64_t size = options.frames.transform / 2 + 1;
  const Tensor spectrum = at::linspace(0, static_cast<double>(options.frames.rate) / 2, size, at::kDouble);
  const Tensor corners =
      hertz_of(at::linspace(mel_of(options.lowest), mel_of(options.highest), options.bins + 2, at::kDouble));
  const Tensor left = corners.slice(0, 0, options.bins).unsqueeze(1);
  const Tensor middle = corners.slice(0, 1, options.bins + 1).unsqueeze(1);
  const Tensor right = corners.slice(0, 2).unsqueeze(1);
  const Tensor rising = (spectrum - left) / (middle - left), falling = (right - spectrum) / (right - middle);
  return (at::minimum(rising, falling).clamp_min(0) * 2 / (right - left)).to(at::kFloat);
}

Tensor log_mel_of(const Tensor& magnitudes, const MelOptions& options) {
  const Tensor mel = at::mm(magnitudes, mel_filters(options).t()).clamp_min(options.floor);
  return options.log10 ? mel.log10() : mel.log();
}

Tensor log_mel(const Tensor& samples, const MelOptions& options) {
  return log_mel_of(magnitudes(samples, options.frames), options);
}

}  // namespace sure
