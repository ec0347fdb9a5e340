#include "data/folds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/support/errors.h"

namespace sure {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// 6 speakers with 3 clips of each of two labels, in two parts.
Dataset spoken(bool named = true) {
  Dataset data;
  for (int speaker = 0; speaker < 6; ++speaker) {
    for (int clip = 0; clip < 6; ++clip) {
      const std::string label = clip % 2 == 0 ? "yes" : "no";
      auto& part = speaker < 4 ? data.train : data.test;
      part.push_back({fmt::format("{}_{}.wav", speaker, clip), label, named ? fmt::format("s{}", speaker) : ""});
    }
  }
  return data;
}

DataOptions options(const std::string& folds, int64_t fold = 0) {
  DataOptions o;
  o.folds = folds;
  o.fold = fold;
  return o;
}

std::vector<std::string> names_of(const DataOptions& o) {
  Dataset data = spoken();
  return fold_names(clips_to_fold(data, /*official_splits=*/false), o, SplitPolicy::by_class);
}

std::set<std::string> files_of(const std::vector<Example>& clips) {
  std::set<std::string> files;
  for (const Example& clip : clips) files.insert(clip.path.string());
  return files;
}

std::set<std::string> speakers_of(const std::vector<Example>& clips) {
  std::set<std::string> speakers;
  for (const Example& clip : clips) speakers.insert(clip.speaker);
  return speakers;
}

TEST(Folds, EveryClipIsTestedOnceByAModelThatHasNotHeardItsSpeaker) {
  for (const std::string folds : {"speaker", "3"}) {
    std::set<std::string> tested;
    const std::vector<std::string> names = names_of(options(folds));
    EXPECT_EQ(names.size(), folds == "speaker" ? 6U : 3U);
    for (int64_t fold = 1; fold <= std::ssize(names); ++fold) {
      Dataset data = spoken();
      take_fold(data, options(folds, fold), SplitPolicy::by_class, /*official_splits=*/false);
      EXPECT_EQ(data.train.size() + data.test.size(), 36U);
      for (const std::string& speaker : speakers_of(data.test)) {
        EXPECT_FALSE(speakers_of(data.train).contains(speaker));
      }
      for (const std::string& file : files_of(data.test)) EXPECT_TRUE(tested.insert(file).second) << file;
    }
    EXPECT_EQ(tested.size(), 36U);
  }
}

TEST(Folds, SpeakersGiveTheFoldsTheirNames) {
  EXPECT_THAT(names_of(options("speaker")), ElementsAre("s0", "s1", "s2", "s3", "s4", "s5"));
  Dataset data = spoken();
  take_fold(data, options("speaker", 5), SplitPolicy::by_class, /*official_splits=*/false);
  EXPECT_THAT(speakers_of(data.test), ElementsAre("s4"));
}

TEST(Folds, WithoutSpeakersLabelsAreSpreadEvenly) {
  for (const SplitPolicy policy : {SplitPolicy::by_class, SplitPolicy::heard_speakers}) {
    Dataset data = spoken(/*named=*/policy == SplitPolicy::heard_speakers);
    take_fold(data, options("4", 2), policy, /*official_splits=*/false);
    std::map<std::string, int> counts;
    for (const Example& clip : data.test) ++counts[clip.target];
    EXPECT_EQ(data.test.size(), 9U);
    EXPECT_NEAR(counts["yes"], 4.5, 1);
  }
}

TEST(Folds, AreTheSameForTheSameSeedOnly) {
  const auto tested = [](int64_t seed) {
    Dataset data = spoken(/*named=*/false);
    DataOptions o = options("4", 1);
    o.split_seed = seed;
    take_fold(data, o, SplitPolicy::by_class, /*official_splits=*/false);
    return files_of(data.test);
  };
  EXPECT_EQ(tested(1), tested(1));
  EXPECT_NE(tested(1), tested(2));
}

TEST(Folds, LeaveOfficialTestClipsAlone) {
  Dataset data = spoken();  // 4 speakers to train on, 2 to test
  take_fold(data, options("speaker", 4), SplitPolicy::by_class, /*official_splits=*/true);
  EXPECT_THAT(speakers_of(data.test), ElementsAre("s3"));
  EXPECT_THAT(speakers_of(data.train), ElementsAre("s0", "s1", "s2"));
  EXPECT_THAT(data.notes, testing::Contains(HasSubstr("12 clips of the official")));
}

TEST(Folds, RefusesWhatCannotBe) {
  const auto refusal = [](const Dataset& data, const DataOptions& o, SplitPolicy policy = SplitPolicy::by_class) {
    return test::message_of([&] {
      check_folds(o);
      Dataset copy = data;
      take_fold(copy, o, policy, /*official_splits=*/false);
    });
  };
  EXPECT_THAT(refusal(spoken(), options("x", 1)), HasSubstr("--folds x: expected 'speaker' or a number"));
  EXPECT_THAT(refusal(spoken(), options("7", 1)), HasSubstr("only 6 groups"));
  EXPECT_THAT(refusal(spoken(), options("3", 4)), HasSubstr("--fold 4: expected 1 to 3"));
  EXPECT_THAT(refusal(spoken(), options("", 4)), HasSubstr("needs --folds"));
  EXPECT_THAT(refusal(spoken(false), options("speaker", 1)), HasSubstr("nothing says who speaks"));
  EXPECT_THAT(refusal(spoken(), options("speaker", 1), SplitPolicy::heard_speakers), HasSubstr("use a number"));
}

}  // namespace
}  // namespace sure
