#include "pretrain/augment.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/fft_irfft.h>
#include <ATen/ops/fft_rfft.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>

#include <cmath>

#include "audio/audio.h"
#include "core/rng.h"

namespace sure {

namespace {

constexpr double kLowestBand = 62.5;  // Hz; the bands are octaves from here to 8 kHz
constexpr int64_t kBands = 8;
constexpr double kEqualiserGain = 12;                        // dB
constexpr double kShortestDecay = 0.1, kLongestDecay = 0.6;  // seconds to -60 dB
constexpr double kWeakestRoom = 20;                          // dB below the direct sound
constexpr double kSteepestNoise = 2;                         // exponent of 1/f

double amplitude(double decibels) { return std::pow(10.0, decibels / 20); }

double uniform(double lowest, double highest, at::Generator& generator) {
  return lowest + (highest - lowest) * at::rand({1}, generator, at::kDouble).item<double>();
}

double level(const Tensor& samples) { return samples.square().mean().sqrt().item<double>(); }

/// `spectrum` is that of `length` samples; what is longer than the samples is room for a response, and cut off.
Tensor filtered(const Tensor& samples, const Tensor& spectrum, int64_t length) {
  return at::fft_irfft(at::fft_rfft(samples, length) * spectrum, length).narrow(0, 0, samples.size(0));
}

}  // namespace

Tensor equalised(const Tensor& samples, at::Generator& generator) {
  const Tensor bands = at::rand({kBands}, generator, at::kFloat).mul_(2).sub_(1).mul_(kEqualiserGain);
  const int64_t bins = samples.size(0) / 2 + 1;
  const Tensor hertz = at::arange(bins, at::kFloat) * (kSampleRate / static_cast<double>(samples.size(0)));
  const Tensor octave = (hertz / kLowestBand).clamp_min_(1).log2_().clamp_(0, kBands - 1.001);
  const Tensor below = octave.floor(), above_share = octave - below;
  const Tensor index = below.to(at::kLong);
  const Tensor decibels =
      bands.index_select(0, index) * (1 - above_share) + bands.index_select(0, index + 1) * above_share;
  return filtered(samples, at::pow(10, decibels / 20), samples.size(0));
}

Tensor reverberated(const Tensor& samples, at::Generator& generator) {
  const double decay = uniform(kShortestDecay, kLongestDecay, generator);
  const double ratio = uniform(0, kWeakestRoom, generator);
  const Tensor seconds = at::arange(static_cast<int64_t>(decay * kSampleRate), at::kFloat) / kSampleRate;
  const Tensor tail = at::randn(seconds.sizes(), generator, at::kFloat) * at::pow(1e-3, seconds / decay);
  const Tensor room = at::cat({at::ones({1}), tail * (amplitude(-ratio) / tail.norm())});
  const int64_t length = samples.size(0) + room.size(0);
  return filtered(samples, at::fft_rfft(room, length), length);
}

Tensor coloured_noise(int64_t samples, at::Generator& generator) {
  const double slope = uniform(0, kSteepestNoise, generator);
  const Tensor white = at::randn({samples}, generator, at::kFloat);
  const Tensor bins = at::arange(samples / 2 + 1, at::kFloat).clamp_min_(samples * kLowestBand / kSampleRate);
  const Tensor noise = filtered(white, bins.pow_(-slope / 2), samples);
  return noise / level(noise);
}

Tensor augmented(const Tensor& samples, const AugmentOptions& options, uint64_t seed) {
  at::Generator generator = make_generator(seed);
  const double loudness = level(samples);
  Tensor result = samples;
  if (uniform(0, 1, generator) < options.channel_prob && loudness > 0) {
    result = reverberated(equalised(result, generator), generator);
    result = result * (loudness / level(result));
  }
  if (uniform(0, 1, generator) < options.noise_prob) {
    const double ratio = uniform(options.noise_snr_min, options.noise_snr_max, generator);
    result = result + coloured_noise(result.size(0), generator) * (loudness * amplitude(-ratio));
  }
  const double gain = uniform(-options.gain_db, options.gain_db, generator);
  return options.gain_db > 0 ? result * amplitude(gain) : result;
}

}  // namespace sure
