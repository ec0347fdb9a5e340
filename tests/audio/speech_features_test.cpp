// Features for speech synthesis against librosa, transformers and Praat (tools/make_speech_features_golden.py).
#include <gtest/gtest.h>

#include "audio/log_mel.h"
#include "audio/pitch.h"
#include "audio/trim_silence.h"
#include "tests/support/audio.h"
#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/golden.h"

namespace sure {
namespace {

const nlohmann::json& golden() {
  static const nlohmann::json values = test::read_golden("audio/golden/speech_features.json");
  return values;
}

Tensor golden_samples() { return torch::tensor(golden()["samples"].get<std::vector<float>>()); }

Tensor matrix_of(const nlohmann::json& rows) {
  std::vector<Tensor> all;
  for (const auto& row : rows) all.push_back(torch::tensor(row.get<std::vector<float>>()));
  return torch::stack(all);
}

/// Every fourth frame, as the golden file has them.
void expect_mel(const Tensor& mel, const nlohmann::json& expected) {
  const Tensor rows = matrix_of(expected);
  const Tensor found = mel.slice(0, 0, c10::nullopt, 4);
  ASSERT_EQ(found.sizes(), rows.sizes());
  EXPECT_LT((found - rows).abs().max().item<float>(), 1e-3);
}

TEST(LogMel, EqualsLibrosa) { expect_mel(log_mel(golden_samples(), hifigan_mel()), golden()["hifigan_mel"]); }

TEST(LogMel, EqualsSpeechT5) { expect_mel(log_mel(golden_samples(), speecht5_mel()), golden()["speecht5_mel"]); }

TEST(LogMel, SilenceIsTheFloor) {
  const Tensor mel = log_mel(torch::zeros({2000}), hifigan_mel());
  EXPECT_FLOAT_EQ(mel.min().item<float>(), std::log(1e-5F));
  EXPECT_FLOAT_EQ(mel.max().item<float>(), std::log(1e-5F));
}

TEST(LogMel, RefusesAClipTooShortToMirror) {
  const std::string message = test::message_of([] { log_mel(torch::zeros({512}), hifigan_mel()); });
  EXPECT_NE(message.find("too short"), std::string::npos) << message;
  EXPECT_EQ(log_mel(torch::zeros({513}), hifigan_mel()).size(0), 3);
}

TEST(FrameEnergy, EqualsLibrosa) {
  const Tensor expected = torch::tensor(golden()["energy"].get<std::vector<float>>());
  EXPECT_LT(test::relative_error(frame_energy(magnitudes(golden_samples(), FrameOptions{})), expected), 1e-5);
}

TEST(Spectrum, OverlapAddGivesTheSoundBack) {
  const Tensor samples = test::synthetic_speech(256 * 40);
  const Tensor back = overlap_add(short_time_spectrum(samples, FrameOptions{}), FrameOptions{});
  EXPECT_LT(test::relative_error(back, samples), 1e-5);
}

TEST(TrimSilence, EqualsLibrosa) {
  const Tensor samples = golden_samples();
  const auto range = golden()["trimmed"].get<std::vector<int64_t>>();
  ASSERT_GT(range[0], 0);
  EXPECT_TRUE(torch::equal(trim_silence(samples), samples.slice(0, range[0], range[1])));
}

TEST(TrimSilence, LeavesSilenceWhole) { EXPECT_EQ(trim_silence(torch::zeros({5000})).size(0), 5000); }

PitchOptions golden_options() {
  PitchOptions options;
  options.time_step = 0.016;
  options.floor = 80;
  options.ceiling = 750;
  options.voicing_threshold = 0.6;
  return options;
}

TEST(Pitch, EqualsPraat) {
  const PitchTrack track = pitch_track(golden_samples(), 16000, golden_options());
  const auto expected = golden()["pitch"]["hertz"].get<std::vector<float>>();
  EXPECT_NEAR(track.first_time, golden()["pitch"]["first_time"].get<double>(), 1e-9);
  ASSERT_EQ(track.hertz.size(0), std::ssize(expected));
  for (size_t t = 0; t < expected.size(); ++t) {
    EXPECT_NEAR(track.hertz[static_cast<int64_t>(t)].item<float>(), expected[t], 0.01 + 1e-3 * expected[t]) << t;
  }
}

TEST(Pitch, OfASpectrogramsFrames) {
  const Tensor samples = test::synthetic_speech(16000, 120);
  const Tensor pitch = frame_pitch(samples, 16000, 256, golden_options());
  ASSERT_EQ(pitch.size(0), 1 + 16000 / 256);
  EXPECT_EQ(pitch[0].item<float>(), 0);
  EXPECT_NEAR(pitch.slice(0, 15, 45).median().item<float>(), 120, 0.5);
}

TEST(Pitch, SilenceIsUnvoiced) {
  EXPECT_EQ(pitch_track(torch::zeros({8000}), 16000).hertz.max().item<float>(), 0);
  EXPECT_EQ(frame_pitch(torch::zeros({100}), 16000, 256).sum().item<float>(), 0);
}

TEST(Pitch, RefusesAClipShorterThanAWindow) {
  const std::string message = test::message_of([] { pitch_track(torch::zeros({200}), 16000); });
  EXPECT_NE(message.find("too short"), std::string::npos) << message;
}

}  // namespace
}  // namespace sure
