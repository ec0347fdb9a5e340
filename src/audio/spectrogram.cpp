#include "audio/spectrogram.h"

#include <ATen/ops/hann_window.h>
#include <ATen/ops/istft.h>
#include <ATen/ops/stft.h>

#include "core/error.h"

namespace sure {

namespace {

Tensor window_of(const FrameOptions& options) { return at::hann_window(options.window, at::kFloat); }

}  // namespace

Tensor short_time_spectrum(const Tensor& samples, const FrameOptions& options) {
  if (samples.size(0) <= options.transform / 2) {
    fail("a clip of {} samples at {} Hz is too short for a spectrum: more than {} are needed", samples.size(0),
         options.rate, options.transform / 2);
  }
  return at::stft(samples, options.transform, options.hop, options.window, window_of(options), /*center=*/true,
                  "reflect", /*normalized=*/false, /*onesided=*/true, /*return_complex=*/true)
      .t();
}

Tensor overlap_add(const Tensor& spectrum, const FrameOptions& options) {
  return at::istft(spectrum.t(), options.transform, options.hop, options.window, window_of(options), /*center=*/true,
                   /*normalized=*/false, /*onesided=*/true);
}

Tensor magnitudes(const Tensor& samples, const FrameOptions& options) {
  return short_time_spectrum(samples, options).abs();
}

Tensor frame_energy(const Tensor& magnitudes) { return magnitudes.square().sum(1).sqrt(); }

}  // namespace sure
