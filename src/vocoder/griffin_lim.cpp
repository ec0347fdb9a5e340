#include "vocoder/griffin_lim.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/complex.h>
#include <ATen/ops/linalg_pinv.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

namespace sure {

namespace {

constexpr double kSmallest = 1e-16;

}  // namespace

Tensor griffin_lim(const Tensor& magnitudes, const FrameOptions& frames, const GriffinLimOptions& options) {
  const double share = options.momentum / (1 + options.momentum);
  Tensor spectrum = at::complex(magnitudes, at::zeros_like(magnitudes));
  Tensor before;
  for (int64_t i = 0; i < options.iterations; ++i) {
    const Tensor rebuilt = short_time_spectrum(overlap_add(spectrum, frames), frames);
    const Tensor ahead = before.defined() ? rebuilt - share * before : rebuilt;
    before = rebuilt;
    spectrum = ahead * (magnitudes / (ahead.abs() + kSmallest));
  }
  return overlap_add(spectrum, frames);
}

GriffinLim::GriffinLim(const MelOptions& mel, const GriffinLimOptions& options)
    : mel_(mel), options_(options), to_spectrum_(at::linalg_pinv(mel_filters(mel)).t().contiguous()) {}

Tensor GriffinLim::forward(const Tensor& mel) const {
  const at::NoGradGuard no_grad;
  const Tensor energies = mel_.log10 ? at::pow(10, mel) : mel.exp();
  // One more frame, since T frames span T - 1 hops; and enough of them for the transform to be mirrored.
  const int64_t frames = std::max(mel.size(0) + 1, mel_.frames.transform / mel_.frames.hop + 1);
  const Tensor spectrum = at::mm(energies, to_spectrum_).clamp_min(0);
  const Tensor padded = at::cat({spectrum, at::zeros({frames - mel.size(0), spectrum.size(1)})});
  const Tensor samples = griffin_lim(padded, mel_.frames, options_).slice(0, 0, mel.size(0) * mel_.frames.hop);
  const double peak = samples.abs().max().item<double>();
  return peak > 1 ? samples / peak : samples;
}

}  // namespace sure
