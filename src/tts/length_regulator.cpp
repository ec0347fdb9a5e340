#include "tts/length_regulator.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/searchsorted.h>
#include <ATen/ops/zeros.h>

namespace sure {

Tensor symbols_of_frames(const Tensor& durations, int64_t frames) {
  const Tensor ends = durations.cumsum(1);
  const Tensor times = at::arange(frames, durations.options()).expand({durations.size(0), frames}).contiguous();
  return at::searchsorted(ends, times, /*out_int32=*/false, /*right=*/true).clamp_max(durations.size(1) - 1);
}

Tensor expand_to_frames(const Tensor& x, const Tensor& symbols) {
  return x.gather(1, symbols.unsqueeze(2).expand({-1, -1, x.size(2)}));
}

Tensor mean_of_frames(const Tensor& values, const Tensor& symbols, const Tensor& durations) {
  const Tensor sums = at::zeros(durations.sizes(), values.options()).scatter_add(1, symbols, values);
  return sums / durations.clamp_min(1);
}

}  // namespace sure
