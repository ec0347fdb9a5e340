// Confidence intervals of a metric over clips: the percentile bootstrap (Efron 1979).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace sure {

struct Interval {
  double low;
  double high;
};

/// A metric of some clips, given by index; an index may occur several times.
using MetricOfClips = std::function<double(const std::vector<size_t>&)>;

/// Between which values `metric_of` lies in the middle `confidence` of `resamples` draws of `clips` clips out of
/// [0, clips) with replacement. The same for the same seed. Percentiles are interpolated linearly, as numpy does.
/// Throws a usage error for fewer than 2 clips, no resamples, or a confidence outside (0, 1), an Error when the metric
/// of a draw is not a number, and what `metric_of` throws.
Interval bootstrap(size_t clips, const MetricOfClips& metric_of, uint64_t seed, double confidence = 0.95,
                   int64_t resamples = 1000);

}  // namespace sure
