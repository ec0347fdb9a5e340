// Clips that are no good are named before the first step, or left out.
#include "train/bad_clips.h"

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/train/tiny_run.h"

namespace sure::test {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

constexpr int64_t kShortest = 400;

class BadClipsTest : public ::testing::Test {
 protected:
  BadClipsTest() { config.train.speed_perturbation = 0; }

  std::vector<BadClip> sift() { return leave_out_bad_clips(data, config, kShortest, observer); }

  static void damage_inside(const fs::path& path) {
    write_audio(path, at::full({kClipSamples}, 1e20F), kSampleRate, SF_FORMAT_WAV | SF_FORMAT_FLOAT);
  }

  const TemporaryFolder folder;
  const Environment cache{"XDG_CACHE_HOME", (folder / "cache").c_str()};
  Dataset data = pitched_dataset(folder / "data");
  RunConfig config = tiny_run(folder / "out");
  Recorder observer;
};

}  // namespace

TEST_F(BadClipsTest, GoodOnesPass) {
  EXPECT_THAT(sift(), IsEmpty());
  EXPECT_EQ(data.train.size(), 11U);
}

TEST_F(BadClipsTest, AreNamedWithWhatIsWrong) {
  write_wav(data.train[1].path, at::zeros({100}));
  write_file(data.train[3].path, read_file(data.train[3].path).substr(0, 1000));
  fs::remove(data.train[4].path);
  damage_inside(data.valid[2].path);
  const std::string message = message_of([&] { sift(); });
  EXPECT_THAT(message, HasSubstr("4 clips: " + data.train[1].path.string() + " (too short: 100 samples"));
  EXPECT_THAT(message, HasSubstr(data.train[3].path.string() + " (cut short"));
  EXPECT_THAT(message, HasSubstr(" and 1 more"));
  EXPECT_THAT(message, HasSubstr("--skip_bad"));
}

TEST_F(BadClipsTest, AreLeftOutAndTold) {
  config.train.skip_bad = true;
  write_wav(data.train[1].path, at::zeros({100}));
  damage_inside(data.train[2].path);
  damage_inside(data.valid[2].path);
  const std::vector<BadClip> bad = sift();
  ASSERT_EQ(bad.size(), 3U);
  EXPECT_EQ(bad[1].path, folder / "data/train/mid_2.wav");
  EXPECT_EQ(data.train.size(), 9U);
  EXPECT_EQ(data.valid.size(), 5U);
  EXPECT_THAT(observer.messages, ElementsAre(HasSubstr("skipped 3 clips: ")));
  EXPECT_EQ(bad_to_json(bad)[0]["path"], (folder / "data/train/low_1.wav").string());
}

TEST_F(BadClipsTest, AClipThatAFasterSpeedMakesTooShortIsBad) {
  write_wav(data.train[1].path, at::zeros({430}));
  EXPECT_THAT(sift(), IsEmpty());
  config.train.speed_perturbation = 0.1;
  EXPECT_THAT(message_of([&] { sift(); }), HasSubstr("too short: 430 samples"));
}

TEST_F(BadClipsTest, AClassThatLosesAllItsClipsIsAnError) {
  config.train.skip_bad = true;
  for (const Example& clip : data.train) {
    if (clip.target == "low") write_wav(clip.path, at::zeros({100}));
  }
  EXPECT_THAT(message_of([&] { sift(); }), HasSubstr("class 'low'"));
}

TEST_F(BadClipsTest, LengthsAreThoseOfTheGoodClips) {
  write_wav(data.train[1].path, at::zeros({100}));
  const ClipSurvey survey = survey_clips(data.train, folder / "data", kShortest, observer);
  ASSERT_EQ(survey.samples.size(), data.train.size());
  EXPECT_EQ(survey.samples[0], kClipSamples);
  EXPECT_EQ(survey.samples[1], 0);
  EXPECT_EQ(survey.bad.size(), 1U);
}

}  // namespace sure::test
