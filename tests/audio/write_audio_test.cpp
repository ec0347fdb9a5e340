#include "audio/write_audio.h"

#include <gtest/gtest.h>

#include "audio/audio.h"
#include "core/atomic_file.h"
#include "tests/support/audio.h"
#include "tests/support/errors.h"

namespace sure {
namespace {

class WriteAudio : public ::testing::TestWithParam<const char*> {};

TEST_P(WriteAudio, IsReadBack) {
  const test::TemporaryFolder folder;
  const Tensor samples = test::synthetic_speech(22050);
  const auto path = folder / (std::string("a") + GetParam());
  write_audio(path, 22050, samples);
  const Tensor back = read_audio(path, 22050);
  ASSERT_EQ(back.size(0), samples.size(0));
  const bool lossy = std::string(GetParam()) == ".ogg";
  EXPECT_LT((back - samples).abs().max().item<float>(), lossy ? 0.1 : 1e-4);
}

TEST_P(WriteAudio, BlocksMakeTheSameFile) {
  const test::TemporaryFolder folder;
  const Tensor samples = test::synthetic_speech(20000);
  const auto whole = folder / (std::string("whole") + GetParam()), parts = folder / (std::string("parts") + GetParam());
  write_audio(whole, 16000, samples);
  write_audio(parts, 16000, [&](const SampleSink& sink) {
    for (const Tensor& part : samples.split(777)) sink(part);
  });
  const bool lossy = std::string(GetParam()) == ".ogg";  // Vorbis analyses what it has when a block comes
  EXPECT_LE((read_audio(whole) - read_audio(parts)).abs().max().item<float>(), lossy ? 0.02 : 0.0);
}

INSTANTIATE_TEST_SUITE_P(Formats, WriteAudio, testing::Values(".wav", ".flac", ".ogg"));

TEST(WriteAudio, ClipsWhatIsTooLoud) {
  const test::TemporaryFolder folder;
  write_audio(folder / "a.wav", 16000, torch::tensor({0.0F, 3.0F, -3.0F}));
  const Tensor back = read_audio(folder / "a.wav");
  EXPECT_GT(back[1].item<float>(), 0.99);
  EXPECT_LT(back[2].item<float>(), -0.99);
}

TEST(WriteAudio, AFailureLeavesTheOldFile) {
  const test::TemporaryFolder folder;
  const auto path = folder / "a.wav";
  write_audio(path, 16000, test::synthetic_speech(800));
  const std::string before = read_file(path);
  const std::string message = test::message_of([&] { write_audio(path, 16000, torch::full({3}, NAN)); });
  EXPECT_NE(message.find("not finite"), std::string::npos) << message;
  EXPECT_EQ(read_file(path), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(WriteAudio, RefusesAnUnknownFormat) {
  const std::string message = test::message_of([] { check_audio_output("speech.mp3"); });
  EXPECT_NE(message.find(".wav, .flac or .ogg"), std::string::npos) << message;
}

TEST(WriteAudio, ADeviceIsWrittenThrough) {
  write_audio("/dev/null", 16000, test::synthetic_speech(800));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace sure
