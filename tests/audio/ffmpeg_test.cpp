// What libsndfile does not read is decoded by the program ffmpeg; without it, one line says so.
#include "audio/ffmpeg.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cerrno>

#include "audio/audio.h"
#include "audio/audio_info.h"
#include "core/atomic_file.h"
#include "tests/support/audio.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/ffmpeg.h"

namespace sure::test {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

namespace {

constexpr int64_t kFrames = 48000;
constexpr double kEncoderDelay = 4096;

struct Format {
  const char* name;
  const char* options;
};

// By content, whatever the name.
constexpr Format kFormats[] = {{"a.m4a", ""},
                               {"a.aac", ""},
                               {"a.webm", "-c:a libopus"},
                               {"a.wma", "-c:a wmav2"},
                               {"a.mka", "-c:a flac"},
                               {"flac.ogg", "-c:a flac"},
                               {"a.3gp", "-c:a aac"},
                               {"mp3.avi", "-c:a libmp3lame"},
                               {"m4a.wav", "-f mp4"},
                               {"m4a.au", "-f mp4"},
                               {"webm.mp3", "-f webm -c:a libopus"}};

class FfmpegTest : public ::testing::Test {
 protected:
  FfmpegTest() { write_wav(folder / "source.wav", synthetic_speech(kFrames)); }

  fs::path make(const Format& format) const {
    convert(folder / "source.wav", folder / format.name, format.options);
    return folder / format.name;
  }

  const TemporaryFolder folder;
};

bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD; }

}  // namespace

TEST_F(FfmpegTest, DecodesFilesToTheirEnds) {
  SURE_NEEDS_FFMPEG();
  for (const Format& format : kFormats) {
    SCOPED_TRACE(format.name);
    const fs::path path = make(format);
    const Tensor read = read_audio(path);
    EXPECT_NEAR(static_cast<double>(read.size(0)), static_cast<double>(kFrames), kEncoderDelay);
    EXPECT_NEAR(read.square().sum().item<double>() / synthetic_speech(kFrames).square().sum().item<double>(), 1, 0.2);
    const AudioInfo info = audio_info(path);
    EXPECT_EQ(samples_at(info), read.size(0));
    EXPECT_TRUE(info.needs_ffmpeg);
    EXPECT_TRUE(read_audio_bytes(read_file(path), "-").equal(read));
  }
  EXPECT_FALSE(has_children());
}

TEST_F(FfmpegTest, StopsWhereEnoughIsRead) {
  SURE_NEEDS_FFMPEG();
  const fs::path path = make(kFormats[0]);
  EXPECT_TRUE(read_audio(path, kSampleRate, 1000).equal(read_audio(path).slice(0, 0, 1000)));
  EXPECT_FALSE(has_children());
}

TEST_F(FfmpegTest, TakesAnyName) {
  SURE_NEEDS_FFMPEG();
  const fs::path path = make(kFormats[0]);
  const int64_t samples = read_audio(path).size(0);
  for (const char* name : {"-i.m4a", "http:a.m4a", "a\nb.m4a", "%03d.m4a", "concat:a|b.m4a", "a'b\".m4a"}) {
    fs::copy_file(path, folder / name);
    EXPECT_EQ(read_audio(folder / name).size(0), samples) << name;
  }
}

TEST_F(FfmpegTest, RefusesCutFiles) {
  SURE_NEEDS_FFMPEG();
  constexpr Format kCut[] = {{"a.m4a", ""},
                             {"start.m4a", "-movflags +faststart"},
                             {"a.webm", "-c:a libopus"},
                             {"a.aac", ""},
                             {"a.wma", "-c:a wmav2"},
                             {"flac.ogg", "-c:a flac"},
                             {"a.avi", "-c:a libmp3lame"}};
  for (const Format& format : kCut) {
    const fs::path path = make(format);
    fs::resize_file(path, fs::file_size(path) / 2);
    EXPECT_THAT(message_of([&] { read_audio(path); }), HasSubstr(path.string()));
    EXPECT_THAT(message_of([&] { audio_info(path); }), HasSubstr(path.string()));
  }
  EXPECT_FALSE(has_children());
}

TEST_F(FfmpegTest, OpensNoFileThatAPlaylistNames) {
  SURE_NEEDS_FFMPEG();
  const fs::path path = make(kFormats[1]);
  write_file(folder / "list.m3u8",
             "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n" + path.string() + "\n#EXT-X-ENDLIST\n");
  write_file(folder / "list.txt", "ffconcat version 1.0\nfile 'a.aac'\n");
  for (const char* name : {"list.m3u8", "list.txt"}) {
    EXPECT_THAT(message_of([&] { read_audio(folder / name); }), HasSubstr("cannot be read as audio"));
  }
}

TEST_F(FfmpegTest, WithoutItOneLineSaysWhatToDo) {
  const Environment no_ffmpeg("PATH", folder.path().c_str());
  EXPECT_FALSE(ffmpeg_is_there());
  write_file(folder / "a.m4a", std::string("\0\0\0\x1C"
                                           "ftypM4A ",
                                           12) +
                                   std::string(100, '\0'));
  write_file(folder / "m4a.wav", read_file(folder / "a.m4a"));
  write_file(folder / "a.wma", std::string("\x30\x26\xB2\x75\x8E\x66\xCF\x11", 8) + std::string(100, '\0'));
  write_file(folder / "a.amr", "#!AMR\n" + std::string(100, '\0'));
  write_file(folder / "a.webm", std::string("\x1A\x45\xDF\xA3", 4) + std::string(100, '\0'));
  for (const char* name : {"a.m4a", "m4a.wav", "a.wma", "a.amr", "a.webm"}) {
    const std::string message = message_of([&] { read_audio(folder / name); });
    EXPECT_THAT(message, AllOf(HasSubstr(name), HasSubstr("install ffmpeg, or convert"))) << name;
    EXPECT_EQ(message, message_of([&] { audio_info(folder / name); }));
  }
}

TEST_F(FfmpegTest, IsFoundInAnyFolderOfThePath) {
  fs::create_directories(folder / "bin");
  write_file(folder / "bin/ffmpeg", "#!/bin/sh\n");
  const std::string path = "/nowhere::" + (folder / "bin").string() + ":relative";
  const Environment variable("PATH", path.c_str());
  EXPECT_FALSE(ffmpeg_is_there()) << "it may not be run";
  fs::permissions(folder / "bin/ffmpeg", fs::perms::owner_all);
  EXPECT_TRUE(ffmpeg_is_there());
}

}  // namespace sure::test
