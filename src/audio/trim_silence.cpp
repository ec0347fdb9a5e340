#include "audio/trim_silence.h"

#include <ATen/ops/constant_pad_nd.h>

#include <algorithm>
#include <cmath>

namespace sure {

namespace {

constexpr double kSmallestPower = 1e-10;

}  // namespace

Tensor trim_silence(const Tensor& samples, const TrimOptions& options) {
  if (samples.size(0) == 0) return samples;
  const Tensor padded = at::constant_pad_nd(samples, {options.frame / 2, options.frame / 2});
  const Tensor power = padded.unfold(0, options.frame, options.hop).square().mean(1).clamp_min(kSmallestPower);
  const double threshold = power.max().item<double>() * std::pow(10, -options.below_peak / 10);
  const Tensor loud = (power > threshold).nonzero().flatten();
  const int64_t begin = loud[0].item<int64_t>() * options.hop;
  const int64_t end = std::min(samples.size(0), (loud[-1].item<int64_t>() + 1) * options.hop);
  return samples.slice(0, begin, end);
}

}  // namespace sure
