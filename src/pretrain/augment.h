// What a recording may have gone through on its way: a room, a microphone, noise, a gain.
#pragma once

#include <ATen/core/Tensor.h>

#include "core/options.h"
#include "core/tensor.h"

namespace sure {

struct AugmentOptions {
  double channel_prob = 0;
  double noise_prob = 0;
  double noise_snr_min = 5;
  double noise_snr_max = 30;
  double gain_db = 0;
};

template <class Visitor>
void visit_options(AugmentOptions& o, Visitor&& visit) {
  visit("channel_prob", o.channel_prob,
        Declaration("share of the training clips that get a room and a microphone; targets do not").range(0, 1));
  visit("noise_prob", o.noise_prob,
        Declaration("share of the training clips that get noise; targets are those without").range(0, 1));
  visit("noise_snr_min", o.noise_snr_min, "least signal-to-noise ratio, dB");
  visit("noise_snr_max", o.noise_snr_max, "largest signal-to-noise ratio, dB");
  visit(
      "gain_db", o.gain_db,
      Declaration("make training clips louder or softer by up to so many dB (with --do_normalize False)").range(0, 40));
}

/// Samples at kSampleRate, fp32 [S], through a random equaliser: a gain of -12 to 12 dB each octave, linear in between.
Tensor equalised(const Tensor& samples, at::Generator& generator);

/// The same samples in a random room: the sound itself, in its place, and behind it noise that decays by 60 dB in 0.1
/// to 0.6 s, 0 to 20 dB weaker in all (Polack 1988; Ko et al. 2017 for training with it).
Tensor reverberated(const Tensor& samples, at::Generator& generator);

/// Noise with a power that falls by f^-a, a from 0 (white) to 2 (brown), [S], at level 1.
Tensor coloured_noise(int64_t samples, at::Generator& generator);

/// The samples, [S], with channel, noise and gain as drawn; the channel keeps their level.
Tensor augmented(const Tensor& samples, const AugmentOptions& options, uint64_t seed);

}  // namespace sure
