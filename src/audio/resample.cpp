#include <ATen/ops/empty.h>
#include <soxr.h>

#include <cmath>

#include "audio/audio.h"
#include "core/error.h"

namespace sure {

Tensor resample(const Tensor& samples, double from, double to) {
  if (from == to || samples.size(0) == 0) return samples;
  const Tensor input = samples.contiguous();
  const auto length = static_cast<size_t>(input.size(0));
  Tensor output =
      at::empty({static_cast<int64_t>(std::ceil(static_cast<double>(length) * to / from))}, input.options());

  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  size_t done = 0;
  const soxr_error_t error =
      soxr_oneshot(from, to, 1, input.const_data_ptr<float>(), length, nullptr, output.mutable_data_ptr<float>(),
                   static_cast<size_t>(output.size(0)), &done, nullptr, &quality, nullptr);
  if (error != nullptr) fail("cannot resample from {:g} Hz to {:g} Hz ({})", from, to, error);
  return output.slice(0, 0, static_cast<int64_t>(done));
}

}  // namespace sure
