#include "audio/sample_stream.h"

#include <gmock/gmock.h>

#include <fstream>

#include "core/atomic_file.h"
#include "tests/support/audio.h"
#include "tests/support/errors.h"

namespace sure::test {

using ::testing::HasSubstr;

namespace {

/// All samples, asked for in blocks of that many.
Tensor read_in_blocks(const std::filesystem::path& path, int64_t block, int64_t rate = kSampleRate) {
  SampleStream stream(path, rate);
  std::vector<Tensor> parts;
  for (Tensor part; (part = stream.read(block)).size(0) > 0;) parts.push_back(part);
  return at::cat(parts);
}

Tensor long_noise(int64_t samples) { return at::rand({samples}).mul(0.2).sub(0.1); }

}  // namespace

TEST(SampleStream, GivesTheSamplesOfReadAudioWhateverTheRateAndTheBlock) {
  const TemporaryFolder folder;
  const Tensor noise = long_noise(200001);
  for (const int rate : {16000, 8000, 44100, 48000, 11025}) {
    write_wav(folder / "a.wav", at::stack({noise, noise * 0.5}, 1), rate);
    const Tensor whole = read_audio(folder / "a.wav");
    for (const int64_t block : {777, 100000, 10000000}) {
      EXPECT_TRUE(at::equal(read_in_blocks(folder / "a.wav", block), whole)) << rate << " Hz by " << block;
    }
  }
}

TEST(SampleStream, GivesNothingBehindTheEnd) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", long_noise(1000));
  SampleStream stream(folder / "a.wav");
  EXPECT_EQ(stream.read(600).size(0), 600);
  EXPECT_EQ(stream.read(600).size(0), 400);
  EXPECT_EQ(stream.read(600).size(0), 0);
}

TEST(SampleStream, NamesAFileThatIsCutOrHoldsNoNumbers) {
  const TemporaryFolder folder;
  const std::filesystem::path flac = folder / "a.flac", wav = folder / "b.wav";
  write_audio(flac, long_noise(300000), kSampleRate, SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
  std::filesystem::resize_file(flac, std::filesystem::file_size(flac) / 2);
  EXPECT_THAT(message_of([&] { read_in_blocks(flac, 5000); }), HasSubstr(flac.string()));
  Tensor samples = long_noise(300000);
  samples[250000] = std::numeric_limits<float>::quiet_NaN();
  write_audio(wav, samples, kSampleRate, SF_FORMAT_WAV | SF_FORMAT_FLOAT);
  EXPECT_THAT(message_of([&] { read_in_blocks(wav, 5000); }), HasSubstr("NaN"));
}

}  // namespace sure::test
