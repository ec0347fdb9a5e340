// Resampling and normalisation of samples in memory.
#include <gtest/gtest.h>

#include "audio/audio.h"
#include "tests/support/audio.h"

namespace sure::test {

namespace {

Tensor tone(double frequency, double rate, int64_t samples) {
  return at::sin(2 * M_PI * frequency / rate * at::arange(samples, at::kDouble)).to(at::kFloat);
}

}  // namespace

TEST(Resample, KeepsATone) {
  for (const double to : {8000.0, 16000.0, 22050.0, 48000.0}) {
    const Tensor resampled = resample(tone(440, 44100, 44100), 44100, to);
    const auto length = static_cast<int64_t>(to);
    ASSERT_EQ(resampled.size(0), length);
    const Tensor error = (resampled - tone(440, to, length)).slice(0, 500, length - 500).abs().max();
    EXPECT_LT(error.item<double>(), 1e-4) << to;
  }
}

TEST(Resample, RemovesWhatTheLowerRateCannotHold) {
  const Tensor resampled = resample(tone(6000, 16000, 16000), 16000, 8000);
  EXPECT_LT(resampled.slice(0, 500, 7500).abs().max().item<double>(), 1e-4);
}

TEST(Resample, LengthFollowsTheRatio) {
  for (const int64_t length : {1, 2, 999, 1000, 1001}) {
    for (const double to : {4000.0, 14545.0, 17777.0, 48000.0}) {
      const double expected = static_cast<double>(length) * to / 16000;
      const Tensor resampled = resample(at::ones({length}), 16000, to);
      EXPECT_NEAR(static_cast<double>(resampled.size(0)), expected, 1) << length << " samples to " << to;
      EXPECT_TRUE(resampled.isfinite().all().item<bool>());
    }
  }
}

TEST(Normalise, FollowsTheFormulaOfTransformers) {
  const Tensor x = at::tensor({0.5F, -0.25F, 0.125F, 0.75F}) * 1e-3;
  const Tensor exact = x.to(at::kDouble);
  const double mean = exact.mean().item<double>();
  const double variance = (exact - mean).square().mean().item<double>();
  const Tensor expected = (exact - mean) / std::sqrt(variance + 1e-7);
  EXPECT_LT((normalise(x) - expected).abs().max().item<double>(), 1e-6);
}

TEST(Normalise, LeavesSilenceSilent) {
  EXPECT_EQ(normalise(at::zeros({100})).abs().max().item<double>(), 0);
  EXPECT_TRUE(normalise(at::full({100}, 0.1F)).isfinite().all().item<bool>());
}

}  // namespace sure::test
