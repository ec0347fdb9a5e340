#include "vocoder/griffin_lim.h"

#include <gtest/gtest.h>

#include "tests/support/audio.h"
#include "tests/support/close.h"
#include "vocoder/vocoder_stream.h"

namespace sure {
namespace {

/// How far the magnitudes of the sound are from those asked for.
double distance(const Tensor& samples, const Tensor& wanted) {
  return test::relative_error(magnitudes(samples, FrameOptions{}), wanted);
}

TEST(GriffinLim, MomentumComesNearer) {
  const Tensor wanted = magnitudes(test::synthetic_speech(256 * 60), FrameOptions{});
  const double start = distance(griffin_lim(wanted, FrameOptions{}, {0, 0.99}), wanted);
  const double plain = distance(griffin_lim(wanted, FrameOptions{}, {60, 0}), wanted);
  const double fast = distance(griffin_lim(wanted, FrameOptions{}, {60, 0.99}), wanted);
  EXPECT_LT(plain, start);
  EXPECT_LT(fast, plain);
}

TEST(GriffinLim, SpeaksFromMels) {
  const Tensor samples = test::synthetic_speech(256 * 80);
  const GriffinLim vocoder(hifigan_mel());
  const Tensor mel = log_mel(samples, hifigan_mel()).slice(0, 0, 80);
  const Tensor sound = vocoder.forward(mel);
  ASSERT_EQ(sound.size(0), 80 * 256);
  EXPECT_LE(sound.abs().max().item<float>(), 1.0F);
  const Tensor heard = log_mel(sound, hifigan_mel()).slice(0, 0, 80);
  EXPECT_LT((heard - mel).slice(0, 10, 70).abs().mean().item<float>(), 0.6);
}

TEST(GriffinLim, OneFrameIsEnough) {
  const GriffinLim vocoder(speecht5_mel());
  EXPECT_EQ(vocoder.forward(torch::full({1, 80}, -2.0)).size(0), 256);
}

TEST(GriffinLim, AStreamWaitsForTheEnd) {
  const GriffinLim vocoder(hifigan_mel(), {5, 0.99});
  const Tensor mel = log_mel(test::synthetic_speech(256 * 40), hifigan_mel());
  VocoderStream stream(vocoder, 8);
  EXPECT_EQ(stream.feed(mel).size(0), 0);
  EXPECT_TRUE(torch::equal(stream.finish(), vocoder.forward(mel)));
}

}  // namespace
}  // namespace sure
