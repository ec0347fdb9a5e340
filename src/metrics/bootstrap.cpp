#include "metrics/bootstrap.h"

#include <ATen/ops/randint.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace sure {

namespace {

void check(size_t clips, double confidence, int64_t resamples) {
  if (clips < 2) fail_usage("bootstrap: {} clips; an interval needs at least 2", clips);
  if (!(confidence > 0 && confidence < 1)) fail_usage("bootstrap: confidence {}; expected between 0 and 1", confidence);
  if (resamples < 1) fail_usage("bootstrap: {} resamples; expected at least 1", resamples);
}

std::vector<size_t> draw(size_t clips, const at::Generator& generator) {
  const auto count = static_cast<int64_t>(clips);
  const Tensor drawn = at::randint(count, {count}, generator, at::kLong);
  const int64_t* first = drawn.const_data_ptr<int64_t>();
  return {first, first + count};
}

double percentile(const std::vector<double>& sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

}  // namespace

Interval bootstrap(size_t clips, const MetricOfClips& metric_of, uint64_t seed, double confidence, int64_t resamples) {
  check(clips, confidence, resamples);
  const at::Generator generator = make_generator(mix_seed(seed, "bootstrap"));
  std::vector<double> metrics;
  for (int64_t i = 0; i < resamples; ++i) {
    metrics.push_back(metric_of(draw(clips, generator)));
    if (std::isnan(metrics.back()))
      fail("bootstrap: the metric of resample {} of {} is not a number", i + 1, resamples);
  }
  std::sort(metrics.begin(), metrics.end());
  const double tail = (1 - confidence) / 2;
  return {percentile(metrics, tail), percentile(metrics, 1 - tail)};
}

}  // namespace sure
