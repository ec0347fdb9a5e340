#include <gmock/gmock.h>

#include <fstream>
#include <limits>

#include "audio/audio.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/rng.h"
#include "tests/support/audio.h"

namespace sure::test {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

namespace {

std::string error_of(const fs::path& path, int64_t max_samples = 0) {
  try {
    read_audio(path, kSampleRate, max_samples);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::runtime);
    EXPECT_THAT(error.what(), HasSubstr(path.string()));
    return error.what();
  }
  return "no error";
}

double difference(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

double snr_db(const Tensor& truth, const Tensor& other) {
  return 10 * std::log10((truth.square().sum() / (truth - other).square().sum()).item<double>());
}

}  // namespace

TEST(ReadAudio, ReturnsTheSamplesOfA16kHzFile) {
  const TemporaryFolder folder;
  const Tensor speech = some_speech();
  write_wav(folder / "a.wav", speech);
  const Tensor read = read_audio(folder / "a.wav");
  ASSERT_EQ(read.sizes(), speech.sizes());
  EXPECT_EQ(read.scalar_type(), at::kFloat);
  EXPECT_LT(difference(read, speech), 1.0 / 32768);
}

TEST(ReadAudio, AveragesChannels) {
  const TemporaryFolder folder;
  const Tensor speech = some_speech();
  write_wav(folder / "a.wav", at::stack({speech, at::zeros_like(speech), speech * 0.5}, 1));
  EXPECT_LT(difference(read_audio(folder / "a.wav"), speech * 0.5), 1.0 / 32768);
}

TEST(ReadAudio, ReadsManyFormatsAndSampleWidths) {
  const TemporaryFolder folder;
  const Tensor speech = some_speech();
  struct Case {
    const char* name;
    int format;
    double lowest_snr;
  };
  const Case cases[] = {
      {"a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 60},   {"b.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 60},
      {"c.wav", SF_FORMAT_WAV | SF_FORMAT_ULAW, 20},     {"d.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 50},
      {"e.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 50}, {"f.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 5}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    write_audio(folder / c.name, speech, kSampleRate, c.format);
    const Tensor read = read_audio(folder / c.name);
    ASSERT_EQ(read.sizes(), speech.sizes());
    EXPECT_GT(snr_db(speech, read), c.lowest_snr);
  }
}

TEST(ReadAudio, ReadsMp3) {
  const TemporaryFolder folder;
  write_audio(folder / "a.mp3", some_speech(), kSampleRate, SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III);
  const Tensor read = read_audio(folder / "a.mp3");
  EXPECT_NEAR(read.square().mean().item<double>() / some_speech().square().mean().item<double>(), 1, 0.2);
}

TEST(ReadAudio, ResamplesToTheAskedRate) {
  const TemporaryFolder folder;
  const Tensor speech = some_speech();
  for (const int rate : {8000, 22050, 44100, 48000}) {
    SCOPED_TRACE(rate);
    write_audio(folder / "a.wav", resample(speech, kSampleRate, rate), rate, SF_FORMAT_WAV | SF_FORMAT_FLOAT);
    const Tensor read = read_audio(folder / "a.wav");
    EXPECT_NEAR(static_cast<double>(read.size(0)), static_cast<double>(speech.size(0)), 2);
  }
}

TEST(ReadAudio, MaxSamplesEqualsTheStartOfAFullRead) {
  const TemporaryFolder folder;
  const Tensor noise = at::rand({48000}, make_generator(3)) - 0.5;
  for (const int rate : {7999, 8000, 11025, 16000, 44100, 48000, 192000}) {
    write_wav(folder / "a.wav", noise, rate);
    const Tensor full = read_audio(folder / "a.wav");
    for (const int64_t wanted : {1, 100, 3000, 1000000}) {
      SCOPED_TRACE(fmt::format("{} samples of {} Hz", wanted, rate));
      const Tensor part = read_audio(folder / "a.wav", kSampleRate, wanted);
      ASSERT_EQ(part.size(0), std::min(wanted, full.size(0)));
      EXPECT_LT(difference(part, full.slice(0, 0, wanted)), 1e-4);
    }
  }
}

TEST(ReadAudio, RefusesATruncatedWav) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", some_speech());
  const uintmax_t whole = fs::file_size(folder / "a.wav");
  for (const uintmax_t size : {whole - 2, whole / 2, uintmax_t{45}, uintmax_t{44}}) {
    fs::resize_file(folder / "a.wav", size);
    EXPECT_THAT(error_of(folder / "a.wav"), HasSubstr("cut short")) << size;
    EXPECT_THAT(error_of(folder / "a.wav", 10), HasSubstr("cut short")) << size;
  }
  for (const auto size : {30, 12, 3}) {
    fs::resize_file(folder / "a.wav", size);
    EXPECT_NE(error_of(folder / "a.wav"), "no error") << size;
  }
}

TEST(ReadAudio, RefusesATruncatedFlac) {
  const TemporaryFolder folder;
  write_audio(folder / "a.flac", some_speech(), kSampleRate, SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
  fs::resize_file(folder / "a.flac", fs::file_size(folder / "a.flac") / 2);
  EXPECT_THAT(error_of(folder / "a.flac"), HasSubstr("cut short"));
}

TEST(ReadAudio, TakesAStreamedWavOfUnknownLength) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", some_speech());
  for (const char* size : {"\xff\xff\xff\xff", "\x00\xf0\xff\x7f"}) {
    std::fstream file(folder / "a.wav", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(40).write(size, 4);
    file.close();
    EXPECT_EQ(read_audio(folder / "a.wav").size(0), some_speech().size(0));
  }
}

TEST(ReadAudio, RefusesZeroLength) {
  const TemporaryFolder folder;
  write_wav(folder / "header_only.wav", at::zeros({0}));
  write_file(folder / "empty.wav", "");
  EXPECT_THAT(error_of(folder / "header_only.wav"), HasSubstr("zero length"));
  EXPECT_THAT(error_of(folder / "empty.wav"), HasSubstr("0 bytes"));
}

TEST(ReadAudio, RefusesSamplesThatAreNotFinite) {
  const TemporaryFolder folder;
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 1e20F}) {
    Tensor speech = some_speech().clone();
    speech[100] = bad;
    write_audio(folder / "a.wav", at::stack({at::zeros_like(speech), speech}, 1), kSampleRate,
                SF_FORMAT_WAV | SF_FORMAT_FLOAT);
    EXPECT_THAT(error_of(folder / "a.wav"), HasSubstr("holds samples that are")) << bad;
  }
}

TEST(ReadAudio, NamesWhatIsNotAnAudioFile) {
  const TemporaryFolder folder;
  write_file(folder / "a.wav", "this is text, not sound, whatever its name says");
  EXPECT_THAT(error_of(folder / "a.wav"), HasSubstr("cannot be read as audio"));
  write_file(folder / "a.wav", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
  EXPECT_THAT(error_of(folder / "a.wav"), HasSubstr("git lfs pull"));
  EXPECT_THAT(error_of(folder.path()), HasSubstr("this is a folder"));
  EXPECT_THAT(error_of(folder / "b.wav"), HasSubstr("no such file"));
}

// Not MP3: libmpg123 writes to stderr, and libsndfile gives no way to stop it.
TEST(ReadAudio, PrintsNothingOnDamagedFiles) {
  const TemporaryFolder folder;
  std::vector<fs::path> paths;
  for (const auto& [name, format] :
       {std::pair("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16), std::pair("a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16),
        std::pair("a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS)}) {
    paths.push_back(folder / name);
    write_audio(paths.back(), some_speech(), kSampleRate, format);
  }
  const Tensor positions = at::randint(1 << 20, {200}, make_generator(5));
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  for (const fs::path& path : paths) {
    std::string bytes = read_file(path);
    for (int64_t i = 0; i < positions.size(0); ++i) {
      const auto position = static_cast<size_t>(positions[i].item<int64_t>());
      bytes[position % bytes.size()] = static_cast<char>(position);
      if (i % 20 != 0) continue;
      std::ofstream(path, std::ios::binary) << bytes;
      try {
        EXPECT_TRUE(read_audio(path).isfinite().all().item<bool>());
      } catch (const Error&) {
      }
    }
  }
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace sure::test
