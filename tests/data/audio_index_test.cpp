// The index of clip lengths: right, kept, and never trusted beyond the files it was made from.
#include "data/audio_index.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "core/atomic_file.h"
#include "tests/support/audio.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/ffmpeg.h"

namespace sure::test {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

/// Clips of 1000, 1001, … samples, and an index beside them.
class AudioIndexTest : public ::testing::Test {
 protected:
  void write_clips(int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      clips.push_back(folder / fmt::format("clips/{:04}.wav", i));
      lengths.push_back(1000 + i);
      write_wav(clips.back(), at::zeros({lengths.back()}));
    }
  }

  /// A file of other content that looks unchanged: only an index that does not open it can still tell its length.
  static void hide_content(const fs::path& clip) {
    const auto modified = fs::last_write_time(clip);
    write_file(clip, std::string(fs::file_size(clip), 'x'));
    fs::last_write_time(clip, modified);
  }

  const TemporaryFolder folder;
  const fs::path file = folder / "cache/of/index";
  std::vector<fs::path> clips;
  std::vector<int64_t> lengths;
};

}  // namespace

TEST_F(AudioIndexTest, TellsLengthsInTheOrderOfTheClips) {
  write_clips(300);
  EXPECT_EQ(AudioIndex(file).samples(clips), lengths);
  AudioIndex index(file);
  EXPECT_THAT(index.samples({clips[7], clips[2], clips[7]}), ElementsAre(1007, 1002, 1007));
  EXPECT_THAT(index.samples({}), IsEmpty());
  EXPECT_THAT(index.notes(), IsEmpty());
}

TEST_F(AudioIndexTest, CountsAt16kHz) {
  write_wav(folder / "a.wav", at::zeros({8001}), 8000);
  EXPECT_THAT(AudioIndex(file).samples({folder / "a.wav"}), ElementsAre(16002));
}

TEST_F(AudioIndexTest, OpensNoUnchangedFile) {
  write_clips(3);
  AudioIndex(file).samples(clips);
  hide_content(clips[1]);
  EXPECT_EQ(AudioIndex(file).samples(clips), lengths);
}

TEST_F(AudioIndexTest, ReadsChangedFilesAgain) {
  write_clips(3);
  AudioIndex(file).samples(clips);
  write_wav(clips[0], at::zeros({5000}));
  hide_content(clips[1]);
  fs::last_write_time(clips[1], fs::last_write_time(clips[1]) + std::chrono::nanoseconds(1000));
  AudioIndex index(file);
  EXPECT_THAT(index.samples({clips[0]}), ElementsAre(5000));
  EXPECT_THAT(message_of([&] { index.samples(clips); }), HasSubstr(clips[1].string()));
}

TEST_F(AudioIndexTest, KeepsWhatWasReadBesideABrokenFile) {
  write_clips(200);
  write_file(clips[150], "no audio");
  write_file(clips[180], "no audio");
  for (int repeat = 0; repeat < 20; ++repeat) {
    EXPECT_THAT(message_of([&] { AudioIndex("").samples(clips); }), HasSubstr(clips[150].string()));
  }
  EXPECT_THAT(message_of([&] { AudioIndex(file).samples(clips); }), HasSubstr(clips[150].string()));
  hide_content(clips[149]);
  EXPECT_THAT(AudioIndex(file).samples({clips[149]}), ElementsAre(1149));
}

TEST_F(AudioIndexTest, NamesTheBadClipsBesideTheLengthsOfTheOthers) {
  write_clips(3);
  write_file(clips[1], "no audio");
  AudioIndex index(file);
  for (const ClipCheck check : {ClipCheck::header, ClipCheck::decode, ClipCheck::header}) {
    const std::vector<ClipLength> found = index.look_up(clips, check);
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].samples, 1000);
    EXPECT_EQ(found[2].samples, 1002);
    EXPECT_EQ(found[1].samples, 0);
    EXPECT_THAT(found[1].fault, HasSubstr(clips[1].string()));
    EXPECT_EQ(found[0].fault + found[2].fault, "");
  }
}

TEST_F(AudioIndexTest, DecodesAFileOnceWhenItIsToBeDecoded) {
  write_audio(folder / "clips/a.wav", at::full({4000}, 1e20F), kSampleRate, SF_FORMAT_WAV | SF_FORMAT_FLOAT);
  write_clips(1);
  clips.push_back(folder / "clips/a.wav");
  EXPECT_EQ(AudioIndex(file).look_up(clips, ClipCheck::header)[1].samples, 4000);
  EXPECT_THAT(AudioIndex(file).look_up(clips, ClipCheck::decode)[1].fault, HasSubstr("as large as"));
  hide_content(clips[0]);
  EXPECT_EQ(AudioIndex(file).look_up(clips, ClipCheck::decode)[0].fault, "");
}

TEST_F(AudioIndexTest, BelievesWhatFfmpegMeasuredOnlyWhereItIs) {
  SURE_NEEDS_FFMPEG();
  write_clips(1);
  convert(clips[0], folder / "a.m4a");
  const fs::path clip = folder / "a.m4a";
  {
    const Environment no_ffmpeg("PATH", folder.path().c_str());
    EXPECT_THAT(AudioIndex(file).look_up({clip}, ClipCheck::header)[0].fault, HasSubstr("install ffmpeg"));
  }
  EXPECT_GT(AudioIndex(file).look_up({clip}, ClipCheck::header)[0].samples, 0);
  const Environment no_ffmpeg("PATH", folder.path().c_str());
  EXPECT_THAT(AudioIndex(file).look_up({clip}, ClipCheck::header)[0].fault, HasSubstr("install ffmpeg"));
}

TEST_F(AudioIndexTest, RebuildsADamagedIndexWithANote) {
  write_clips(5);
  AudioIndex(file).samples(clips);
  const std::string whole = read_file(file);
  std::vector<std::string> damaged = {"", "not an index of clips", whole.substr(0, whole.size() - 8), whole + whole};
  for (size_t i = 0; i < whole.size(); i += 3) {
    damaged.push_back(whole);
    damaged.back()[i] = static_cast<char>(damaged.back()[i] ^ 4);
  }
  for (const std::string& bytes : damaged) {
    write_file(file, bytes);
    AudioIndex index(file);
    ASSERT_THAT(index.notes(), ElementsAre(HasSubstr("damaged")));
    ASSERT_EQ(index.samples(clips), lengths);
    ASSERT_EQ(read_file(file).size(), whole.size()) << "not written anew";
  }
}

TEST_F(AudioIndexTest, WorksWhereNothingCanBeWritten) {
  write_clips(3);
  write_file(folder / "plain_file", "x");
  AudioIndex below_a_file(folder / "plain_file/index");
  EXPECT_EQ(below_a_file.samples(clips), lengths);
  EXPECT_THAT(below_a_file.notes(), ElementsAre(HasSubstr("not kept")));
  AudioIndex at_a_folder(folder / "clips");
  EXPECT_EQ(at_a_folder.samples(clips), lengths);
  EXPECT_THAT(at_a_folder.notes(), testing::Contains(HasSubstr("clips")));
  AudioIndex nowhere("");
  EXPECT_EQ(nowhere.samples(clips), lengths);
  EXPECT_THAT(nowhere.notes(), IsEmpty());
}

TEST_F(AudioIndexTest, ReportsProgressFromTheThreadThatAsked) {
  write_clips(600);
  const auto thread = std::this_thread::get_id();
  size_t last = 0;
  AudioIndex("").samples(clips, [&](size_t done, size_t total) {
    EXPECT_EQ(std::this_thread::get_id(), thread);
    EXPECT_EQ(total, 600U);
    EXPECT_GE(done, last);
    last = done;
  });
  EXPECT_EQ(last, 600U);
}

TEST_F(AudioIndexTest, IsNeverTornByTwoProcesses) {
  write_clips(60);
  std::vector<pid_t> children;
  for (int child = 0; child < 2; ++child) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    bool good = true;
    for (size_t i = 0; i < 30; ++i) {
      AudioIndex index(file);
      const size_t clip = (2 * i + static_cast<size_t>(child)) % clips.size();
      good = good && index.notes().empty() && index.samples({clips[clip]}).front() == lengths[clip];
    }
    ::_exit(good ? 0 : 1);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  AudioIndex index(file);
  EXPECT_EQ(index.samples(clips), lengths);
  EXPECT_THAT(index.notes(), IsEmpty());
}

TEST(DefaultIndexFile, LiesInTheCacheFolderAndIsOneForADataSet) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "data");
  fs::create_directory_symlink(folder / "data", folder / "link");
  const Environment cache("XDG_CACHE_HOME", (folder / "cache").c_str());
  const fs::path file = default_index_file(folder / "data");
  EXPECT_EQ(file.parent_path(), folder / "cache/sure/index");
  EXPECT_EQ(default_index_file(folder / "link"), file);
  EXPECT_EQ(default_index_file(folder / "data/../data"), file);
  EXPECT_NE(default_index_file(folder.path()), file);

  const Environment no_cache("XDG_CACHE_HOME", "relative/ignored");
  const Environment home("HOME", folder.path().c_str());
  EXPECT_EQ(default_index_file(folder / "data").parent_path(), folder / ".cache/sure/index");
  EXPECT_EQ(default_index_file(""), fs::path());
  const Environment no_home("HOME", nullptr);
  EXPECT_EQ(default_index_file(folder / "data"), fs::path());
}

}  // namespace sure::test
