#include "pretrain/augment.h"

#include <ATen/ops/fft_rfft.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "core/rng.h"
#include "tests/support/audio.h"

namespace sure {
namespace {

double decibels(const Tensor& numerator, const Tensor& denominator) {
  return 10 * std::log10((numerator.square().mean() / denominator.square().mean()).item<double>());
}

Tensor click(int64_t samples) {
  Tensor result = at::zeros({samples});
  result[0] = 1;
  return result;
}

TEST(Equalised, HasAGainWithinTwelveDecibels) {
  for (const int64_t samples : {16000, 16001, 400}) {
    at::Generator generator = make_generator(1);
    const Tensor gains = at::fft_rfft(equalised(click(samples), generator)).abs().log10() * 20;
    EXPECT_LE(gains.abs().max().item<float>(), 12.01);
    EXPECT_GT((gains.max() - gains.min()).item<float>(), 3);
    EXPECT_EQ(gains.size(0), samples / 2 + 1);
  }
}

TEST(Reverberated, KeepsTheSoundInItsPlace) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    at::Generator generator = make_generator(seed);
    const Tensor heard = reverberated(click(16000), generator);
    EXPECT_NEAR(heard[0].item<float>(), 1, 1e-5);
    const double tail = heard.slice(0, 1).norm().item<double>();
    EXPECT_GT(tail, 0.099);
    EXPECT_LT(tail, 1.001);
    EXPECT_LT(heard.slice(0, 9700).abs().max().item<float>(), 1e-5);  // 0.6 s
  }
}

TEST(ColouredNoise, HasLevelOneAndFallsTowardsHighFrequencies) {
  double steepest = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    at::Generator generator = make_generator(seed);
    const Tensor noise = coloured_noise(32000, generator);
    EXPECT_NEAR(noise.square().mean().item<double>(), 1, 1e-3);
    const Tensor power = at::fft_rfft(noise).abs();
    const double fall =
        decibels(power.slice(0, 1000, 2000), power.slice(0, 8000, 16000));  // three octaves: 9 dB times a
    EXPECT_GT(fall, -1);
    EXPECT_LT(fall, 19);
    steepest = std::max(steepest, fall);
  }
  EXPECT_GT(steepest, 9);
}

TEST(Augmented, HasTheSignalToNoiseRatioAsked) {
  const Tensor clip = test::synthetic_speech();
  AugmentOptions options;
  options.noise_prob = 1;
  options.noise_snr_min = options.noise_snr_max = 10;
  EXPECT_NEAR(decibels(clip, augmented(clip, options, 1) - clip), 10, 0.3);
}

TEST(Augmented, KeepsTheLevelThroughAChannel) {
  const Tensor clip = test::synthetic_speech();
  AugmentOptions options;
  options.channel_prob = 1;
  const Tensor heard = augmented(clip, options, 1);
  EXPECT_EQ(heard.size(0), clip.size(0));
  EXPECT_NEAR(decibels(heard, clip), 0, 1e-3);
  EXPECT_GT(decibels(heard - clip, clip), -20);
  EXPECT_TRUE(torch::equal(heard, augmented(clip, options, 1)));
  EXPECT_FALSE(torch::equal(heard, augmented(clip, options, 2)));
}

TEST(Augmented, LeavesSilenceSilent) {
  AugmentOptions options;
  options.channel_prob = options.noise_prob = 1;
  EXPECT_EQ(augmented(at::zeros({4000}), options, 1).abs().max().item<float>(), 0);
}

TEST(Augmented, HasAGainWithinReach) {
  const Tensor clip = test::synthetic_speech();
  std::set<double> gains;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    AugmentOptions options;
    options.gain_db = 6;
    const Tensor louder = augmented(clip, options, seed);
    const double gain = (louder.norm() / clip.norm()).item<double>();
    EXPECT_TRUE(torch::allclose(louder, clip * gain, 1e-4, 1e-6));
    EXPECT_LE(std::abs(20 * std::log10(gain)), 6.001);
    gains.insert(gain);
  }
  EXPECT_EQ(gains.size(), 20U);
}

}  // namespace
}  // namespace sure
