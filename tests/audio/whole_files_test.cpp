// Files are read whole or refused: cut ones, ones that state a wrong length or none, ones that claim absurd things.
#include <gmock/gmock.h>

#include "audio/audio.h"
#include "audio/audio_info.h"
#include "audio/mp3_frames.h"
#include "core/atomic_file.h"
#include "tests/support/audio.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/ffmpeg.h"

namespace sure::test {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

namespace {

constexpr int64_t kFrames = 40000;
constexpr int64_t kDecoderDelay = 1152 + 529;  // frames that MP3 decoders may put before or behind a clip

Tensor noise(int64_t frames = kFrames) { return (at::rand({frames}) - 0.5) * 0.5; }

struct Format {
  const char* name;
  int format;
};

constexpr Format kFormats[] = {{"a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16},
                               {"x.wav", SF_FORMAT_WAVEX | SF_FORMAT_PCM_24},
                               {"big.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16 | SF_ENDIAN_BIG},
                               {"a.rf64", SF_FORMAT_RF64 | SF_FORMAT_PCM_16},
                               {"a.w64", SF_FORMAT_W64 | SF_FORMAT_PCM_16},
                               {"a.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16},
                               {"a.au", SF_FORMAT_AU | SF_FORMAT_PCM_16},
                               {"little.au", SF_FORMAT_AU | SF_FORMAT_PCM_16 | SF_ENDIAN_LITTLE},
                               {"a.caf", SF_FORMAT_CAF | SF_FORMAT_PCM_16},
                               {"a.sph", SF_FORMAT_NIST | SF_FORMAT_PCM_16},
                               {"a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16},
                               {"a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
                               {"a.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS},
                               {"a.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III}};

void expect_refused(const fs::path& path, const char* what) {
  SCOPED_TRACE(path.string());
  EXPECT_THAT(message_of([&] { read_audio(path); }), AllOf(HasSubstr(path.string()), HasSubstr(what)));
  EXPECT_THAT(message_of([&] { audio_info(path); }), AllOf(HasSubstr(path.string()), HasSubstr(what)));
  EXPECT_THAT(message_of([&] { decoded_audio_info(path); }), AllOf(HasSubstr(path.string()), HasSubstr(what)));
}

/// The same length from the headers, by decoding, and in samples.
int64_t length_of(const fs::path& path) {
  const int64_t samples = read_audio(path).size(0);
  EXPECT_EQ(samples_at(audio_info(path)), samples) << path;
  EXPECT_EQ(samples_at(decoded_audio_info(path)), samples) << path;
  return samples;
}

/// An MP3 as written to a pipe: frames only.
std::string bare_frames(const fs::path& mp3) {
  const ByteFile file(mp3);
  const Mp3Frames frames = scan_mp3(file, {0, file.size()}).value();
  EXPECT_EQ(frames.promised, frames.count) << "libsndfile writes a header that tells the number";
  return read_file(mp3).substr(static_cast<size_t>(frames.runs.front().begin));
}

std::string little_endian(uint32_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  return bytes;
}

/// MP3 in a WAV file: RIFF, fmt with the tag 0x55, data.
std::string wrapped(const std::string& mp3) {
  const std::string format =
      std::string("\x55\0\1\0", 4) + little_endian(kSampleRate) + little_endian(4000) + std::string("\1\0\0\0\0\0", 6);
  const std::string chunks = "WAVEfmt " + little_endian(static_cast<uint32_t>(format.size())) + format + "data" +
                             little_endian(static_cast<uint32_t>(mp3.size())) + mp3;
  return "RIFF" + little_endian(static_cast<uint32_t>(chunks.size())) + chunks;
}

class Mp3Test : public ::testing::Test {
 protected:
  Mp3Test() { write_audio(folder / "a.mp3", noise(), kSampleRate, SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III); }

  fs::path write(const std::string& name, const std::string& bytes) const {
    write_file(folder / name, bytes);
    return folder / name;
  }

  void expect_whole(const fs::path& path, int64_t clips = 1) const {
    EXPECT_NEAR(static_cast<double>(length_of(path)), static_cast<double>(clips * kFrames),
                static_cast<double>(clips * kDecoderDelay));
  }

  const TemporaryFolder folder;
  const std::string whole_ = [this] {
    write_audio(folder / "b.mp3", noise(), kSampleRate, SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III);
    return read_file(folder / "b.mp3");
  }();
};

}  // namespace

TEST(WholeFiles, CutOnesAreRefused) {
  const TemporaryFolder folder;
  for (const Format& format : kFormats) {
    const fs::path path = folder / format.name;
    write_audio(path, noise(), kSampleRate, format.format);
    length_of(path);
    const uintmax_t whole = fs::file_size(path);
    for (const uintmax_t size : {whole - 2, whole / 2, whole / 4}) {
      fs::resize_file(path, size);
      expect_refused(path, "cut short");
    }
  }
}

TEST(WholeFiles, AnOggWithoutAPageInTheMiddleIsRefused) {
  const TemporaryFolder folder;
  write_audio(folder / "a.ogg", noise(200000), kSampleRate, SF_FORMAT_OGG | SF_FORMAT_VORBIS);
  const std::string whole = read_file(folder / "a.ogg");
  const size_t third = whole.find("OggS", whole.find("OggS", 4) + 4);
  const size_t fourth = whole.find("OggS", third + 4);
  const size_t fifth = whole.find("OggS", fourth + 4);
  ASSERT_NE(fifth, std::string::npos);
  write_file(folder / "a.ogg", whole.substr(0, fourth) + whole.substr(fifth));
  expect_refused(folder / "a.ogg", "missing");
}

TEST(WholeFiles, AbsurdRatesAreRefused) {
  const TemporaryFolder folder;
  for (const uint32_t rate : {1U, 999U, 2'000'000U, 0x7FFFFFFFU}) {
    write_wav(folder / "a.wav", noise(1000));
    write_file(folder / "a.wav", read_file(folder / "a.wav").replace(24, 4, little_endian(rate)));
    expect_refused(folder / "a.wav", "Hz");
  }
}

TEST(WholeFiles, NoNameMakesSoundOfWhatIsNone) {
  const TemporaryFolder folder;
  const Environment no_ffmpeg("PATH", folder.path().c_str());
  for (const char* name : {"a.au", "a.snd", "a.gsm", "a.vox", "a.wav"}) {
    write_file(folder / name, std::string(5000, 'x'));
    expect_refused(folder / name, "cannot be read as audio");
  }
}

TEST(WholeFiles, AreReadWhateverTheirNameSays) {
  const TemporaryFolder folder;
  write_audio(folder / "a.flac", noise(), kSampleRate, SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
  for (const char* name : {"a.wav", "a.mp3", "a.au", "a.m4a", "a"}) {
    fs::copy_file(folder / "a.flac", folder / name);
    EXPECT_EQ(length_of(folder / name), kFrames);
  }
}

TEST(WholeFiles, OggOfSeveralStreamsIsReadByFfmpegOrRefused) {
  const TemporaryFolder folder;
  write_audio(folder / "a.ogg", noise(), kSampleRate, SF_FORMAT_OGG | SF_FORMAT_VORBIS);
  write_audio(folder / "b.ogg", noise(), kSampleRate, SF_FORMAT_OGG | SF_FORMAT_VORBIS);
  write_file(folder / "both.ogg", read_file(folder / "a.ogg") + read_file(folder / "b.ogg"));
  if (ffmpeg_is_there()) {
    EXPECT_NEAR(static_cast<double>(length_of(folder / "both.ogg")), 2.0 * kFrames, 2048);
  }
  const Environment no_ffmpeg("PATH", folder.path().c_str());
  expect_refused(folder / "both.ogg", "install ffmpeg");
}

TEST_F(Mp3Test, IsReadWholeWithoutAHeaderThatTellsItsLength) {
  expect_whole(folder / "a.mp3");
  expect_whole(write("bare.mp3", bare_frames(folder / "a.mp3")));
  expect_whole(write("named.wav", bare_frames(folder / "a.mp3")));
  expect_whole(write("tagged.mp3", std::string("ID3\4\0\0\0\0\2\0", 10) + std::string(256, '\0') +
                                       bare_frames(folder / "a.mp3") + "TAG" + std::string(125, ' ')));
}

TEST_F(Mp3Test, IsReadWholeBehindAnother) {
  const std::string tag = std::string("ID3\4\0\0\0\0\2\0", 10) + std::string(256, '\0');
  expect_whole(write("twice.mp3", read_file(folder / "a.mp3") + whole_), 2);
  expect_whole(write("twice_bare.mp3", bare_frames(folder / "a.mp3") + tag + bare_frames(folder / "b.mp3")), 2);
}

TEST_F(Mp3Test, IsReadWholeInsideAWav) {
  expect_whole(write("bare.wav", wrapped(bare_frames(folder / "a.mp3"))));
  expect_whole(write("headed.wav", wrapped(whole_)));
}

TEST_F(Mp3Test, IsRefusedWhenItIsCutOrDamaged) {
  const std::string bare = bare_frames(folder / "a.mp3");
  expect_refused(write("cut.mp3", bare.substr(0, bare.size() / 2 + 5)), "cut short");
  expect_refused(write("cut.wav", wrapped(bare).substr(0, bare.size() / 2)), "cut short");
  std::string damaged = bare;
  damaged.replace(bare.size() / 2, 3000, std::string(3000, 'x'));
  expect_refused(write("damaged.mp3", damaged), "damaged");
  write_audio(folder / "other.mp3", noise(), 22050, SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III);
  expect_refused(write("changes.mp3", bare + bare_frames(folder / "other.mp3")), "of another kind");
}

TEST_F(Mp3Test, IsRefusedWithAHoleOfZeros) {
  const std::string bare = bare_frames(folder / "a.mp3");
  for (const std::string& mp3 : {bare, whole_}) {
    const size_t middle = mp3.size() / 2;
    for (const size_t size : {200, 2000}) {
      std::string holed = mp3;
      holed.replace(middle, size, std::string(size, '\0'));
      expect_refused(write("holed.mp3", holed), "damaged");
      expect_refused(write("holed.wav", wrapped(holed)), "damaged");
    }
    expect_whole(write("padded.mp3", mp3 + std::string(2000, '\0')));
  }
  expect_whole(write("two.mp3", bare + std::string(2000, '\0') + whole_), 2);
}

TEST_F(Mp3Test, OfSilenceOrSpeechIsWhole) {
  for (const int64_t rate : {8000, 16000, 44100}) {
    for (const Tensor& clip : {at::zeros({3 * rate}), some_speech(), noise().cumsum(0).sin() * 0.9}) {
      write_audio(folder / "c.mp3", clip, static_cast<int>(rate), SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III);
      EXPECT_GT(length_of(folder / "c.mp3"), 0);
    }
  }
}

TEST(ReadAudioBytes, EqualsReadingTheFile) {
  const TemporaryFolder folder;
  for (const Format& format : kFormats) {
    const fs::path path = folder / format.name;
    write_audio(path, noise(), kSampleRate, format.format);
    EXPECT_TRUE(read_audio_bytes(read_file(path), "-").equal(read_audio(path))) << path;
    EXPECT_EQ(read_audio_bytes(read_file(path), "-", kSampleRate, 500).size(0), 500);
  }
}

TEST(ReadAudioBytes, CallsThemByTheirName) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", noise());
  const std::string cut = read_file(folder / "a.wav").substr(0, 3000);
  EXPECT_THAT(message_of([&] { read_audio_bytes(cut, "standard input"); }), testing::StartsWith("standard input: cut"));
  EXPECT_THAT(message_of([&] { read_audio_bytes("", "standard input"); }), testing::StartsWith("standard input: "));
  EXPECT_THAT(message_of([&] { read_audio_bytes("no sound", "standard input"); }),
              AllOf(testing::StartsWith("standard input: "), testing::Not(HasSubstr("/proc"))));
}

}  // namespace sure::test
