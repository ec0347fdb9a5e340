#include "metrics/speech_distance.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <numbers>

#include "core/error.h"

namespace sure::test {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr int64_t kRate = 16000;

/// A voiced sound: twenty harmonics, with gentle noise.
Tensor voice(double hertz, double seconds) {
  torch::manual_seed(0);
  const auto length = static_cast<int64_t>(seconds * static_cast<double>(kRate));
  const Tensor time = at::arange(length, at::kDouble) / static_cast<double>(kRate);
  Tensor sound = 0.001 * at::randn({length}, at::kDouble);
  for (int harmonic = 1; harmonic <= 20; ++harmonic) {
    sound += (time * (2 * std::numbers::pi * hertz * harmonic)).sin() / harmonic;
  }
  return sound.to(at::kFloat) / 4;
}

Tensor column(const std::vector<double>& values) { return at::tensor(values, at::kDouble).unsqueeze(1); }

TEST(TimeWarping, FollowsTheCheapestPath) {
  EXPECT_THAT(time_warping(column({0, 1, 2}), column({0, 0, 1, 1, 2})),
              ElementsAre(Pair(0, 0), Pair(0, 1), Pair(1, 2), Pair(1, 3), Pair(2, 4)));
  EXPECT_THAT(time_warping(column({5}), column({1, 2})), ElementsAre(Pair(0, 0), Pair(0, 1)));
}

TEST(SpeechDistance, OfASoundToItselfIsNothing) {
  const Tensor sound = voice(150, 0.6);
  const SpeechDistance found = speech_distance(sound, 0.5 * sound, kRate);
  EXPECT_NEAR(found.cepstral, 0, 1e-4);
  EXPECT_NEAR(found.pitch, 0, 1e-3);
  EXPECT_EQ(found.voicing, 0);
  EXPECT_EQ(found.pitch_frames, 0);
  EXPECT_EQ(found.seconds, 0);
}

TEST(SpeechDistance, AnOctaveIsTwelveSemitones) {
  const SpeechDistance found = speech_distance(voice(150, 0.6), voice(300, 0.8), kRate);
  EXPECT_NEAR(found.pitch_semitones, 12, 0.1);
  EXPECT_NEAR(found.pitch, 150, 1.5);
  EXPECT_GT(found.pitch_frames, 0.8);
  EXPECT_NEAR(found.seconds, 0.2, 1e-9);
  EXPECT_GT(found.cepstral, 0.1);
}

TEST(SpeechDistance, NoiseIsNotVoiced) {
  const SpeechDistance found = speech_distance(voice(150, 0.6), at::randn({kRate / 2}), kRate);
  EXPECT_GT(found.voicing, 0.8);
  EXPECT_TRUE(std::isnan(found.pitch) || found.pitch > 0);
}

TEST(SpeechDistance, RefusesSilenceAndClipsTooShort) {
  EXPECT_THROW(speech_distance(at::zeros({kRate}), voice(150, 0.6), kRate), Error);
  EXPECT_THROW(speech_distance(voice(150, 0.6), voice(150, 0.04), kRate), Error);
}

}  // namespace
}  // namespace sure::test
