// Lengths from headers: the same number that reading the whole file gives.
#include "audio/audio_info.h"

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "tests/support/audio.h"
#include "tests/support/errors.h"

namespace sure::test {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

namespace {

constexpr size_t kWavDataSize = 40;
constexpr size_t kFlacTotalSamples = 21;  // 36 bits, the first four of them low in this byte

void set_bytes(const fs::path& path, size_t offset, const std::string& bytes) {
  write_file(path, read_file(path).replace(offset, bytes.size(), bytes));
}

void expect_length_as_read(const fs::path& path) {
  SCOPED_TRACE(path.string());
  EXPECT_EQ(samples_at(audio_info(path)), read_audio(path).size(0));
}

}  // namespace

TEST(AudioInfo, TellsTheLengthThatReadingFinds) {
  const TemporaryFolder folder;
  const std::pair<const char*, int> formats[] = {{"a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16},
                                                 {"a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16},
                                                 {"a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
                                                 {"a.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III},
                                                 {"a.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16}};
  for (const auto& [name, format] : formats) {
    for (const int rate : {16000, 44100, 8000}) {
      for (const int64_t frames : {7001, 30000}) {
        write_audio(folder / name, synthetic_speech(frames), rate, format);
        expect_length_as_read(folder / name);
      }
    }
  }
}

TEST(AudioInfo, TellsFramesRateAndChannels) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", at::zeros({5000, 2}), 8000);
  const AudioInfo info = audio_info(folder / "a.wav");
  EXPECT_EQ(info.frames, 5000);
  EXPECT_EQ(info.rate, 8000);
  EXPECT_EQ(info.channels, 2);
  EXPECT_EQ(samples_at(info), 10000);
  EXPECT_EQ(samples_at(info, 8000), 5000);
}

TEST(AudioInfo, MeasuresStreams) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", synthetic_speech(20000));
  set_bytes(folder / "a.wav", kWavDataSize, "\xFF\xFF\xFF\xFF");
  EXPECT_EQ(audio_info(folder / "a.wav").frames, 20000);

  write_audio(folder / "a.flac", synthetic_speech(20000), 44100, SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
  set_bytes(folder / "a.flac", kFlacTotalSamples, std::string("\xF0\0\0\0\0", 5));
  EXPECT_EQ(audio_info(folder / "a.flac").frames, 20000);
  expect_length_as_read(folder / "a.flac");
}

TEST(AudioInfo, RefusesWhatReadAudioRefuses) {
  const TemporaryFolder folder;
  write_wav(folder / "cut.wav", synthetic_speech(20000));
  write_file(folder / "cut.wav", read_file(folder / "cut.wav").substr(0, 30000));
  write_wav(folder / "header_only.wav", at::zeros({0}));
  write_file(folder / "text.wav", "no audio");
  write_file(folder / "empty.wav", "");
  for (const char* name : {"cut.wav", "header_only.wav", "text.wav", "empty.wav", "absent.wav", "."}) {
    const std::string message = message_of([&] { audio_info(folder / name); });
    EXPECT_EQ(message, message_of([&] { read_audio(folder / name); }));
    EXPECT_THAT(message, HasSubstr(folder.path().string()));
  }
}

}  // namespace sure::test
