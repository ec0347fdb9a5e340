#include "predict/recording_statistics.h"

#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "predict/audio_slices.h"

namespace sure {

namespace {

constexpr double kEpsilon = 1e-7;  // as normalise() has it
constexpr int64_t kBlockWindows = 1 << 16;

double deviation(double variance) { return std::sqrt(variance + kEpsilon); }

/// Sums over rows of a matrix [N, K], double.
struct Moments {
  explicit Moments(int64_t size)
      : sum(at::zeros({size}, at::kDouble)), products(at::zeros({size, size}, at::kDouble)) {}

  void add(const Tensor& rows) {
    count += rows.size(0);
    sum += rows.sum(0);
    products += at::matmul(rows.t(), rows);
  }

  Tensor mean() const { return sum / static_cast<double>(count); }
  Tensor covariance() const {
    const Tensor m = mean();
    return products / static_cast<double>(count) - at::matmul(m.unsqueeze(1), m.unsqueeze(0));
  }

  Tensor sum, products;
  int64_t count = 0;
};

}  // namespace

Tensor RecordingStatistics::normalise(const Tensor& x) const {
  return (x - static_cast<float>(mean)) / static_cast<float>(deviation(variance));
}

RecordingStatistics measure_recording(const std::filesystem::path& path, int64_t kernel, int64_t stride,
                                      bool normalised, int64_t limit) {
  // Blocks share the samples that a window at their border needs from both, so that no window is missed or met twice.
  const int64_t step = kBlockWindows * stride;
  AudioSlices blocks(SampleStream(path), step + std::max<int64_t>(0, kernel - stride), step, limit);
  RecordingStatistics whole;
  Moments samples(1), windows(kernel);
  for (AudioSlice block; blocks.next(block);) {
    const Tensor own = block.samples.to(at::kDouble);
    if (own.size(0) >= kernel) windows.add(own.unfold(0, kernel, stride));
    samples.add((block.last ? own : own.narrow(0, 0, std::min(step, own.size(0)))).unsqueeze(1));
  }
  if (windows.count == 0) fail("{}: {} samples are too short to use", path.string(), samples.count);
  whole.samples = samples.count;
  whole.mean = samples.mean().item<double>();
  whole.variance = std::max(0.0, samples.covariance().item<double>());
  whole.first_windows = {windows.mean(), windows.covariance()};
  if (!normalised) return whole;
  whole.first_windows.mean = (whole.first_windows.mean - whole.mean) / deviation(whole.variance);
  whole.first_windows.covariance =
      whole.first_windows.covariance / (deviation(whole.variance) * deviation(whole.variance));
  return whole;
}

}  // namespace sure
