// Splits that hold speakers out.
#include "data/splits.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "tests/support/errors.h"
#include "tests/support/miniature_corpus.h"

namespace sure::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

std::vector<Example> clips_of(int speakers, int each = 3) {
  std::vector<Example> clips;
  for (int i = 0; i < speakers * each; ++i) {
    clips.push_back({fmt::format("{}.wav", i), "text", fmt::format("s{}", i % speakers)});
  }
  return clips;
}

Dataset unsplit(std::vector<Example> clips) {
  Dataset data;
  data.unsplit = std::move(clips);
  data.spread_by = spread_for(SplitPolicy::transcripts);
  return data;
}

/// How many speakers are in each split; none is in two.
std::vector<size_t> count_held_out(const Dataset& data) {
  std::map<std::string, std::set<int>> parts_of;
  std::vector<size_t> counts(3);
  int part = 0;
  for (const auto* examples : {&data.train, &data.valid, &data.test}) {
    std::set<std::string> speakers;
    for (const Example& e : *examples) {
      speakers.insert(e.speaker);
      parts_of[e.speaker].insert(part);
    }
    counts[static_cast<size_t>(part++)] = speakers.size();
  }
  for (const auto& [speaker, parts] : parts_of) EXPECT_EQ(parts.size(), 1U) << speaker;
  return counts;
}

class HeldOutSpeakers : public MiniatureCorpus {
 protected:
  void make_speakers(const std::string& folder, int count) {
    for (int i = 0; i < count; ++i) clip(fmt::format("{}s{}/{}.wav", folder, i, i));
  }
};

}  // namespace

TEST(SplitNames, MayEndInSet) {
  for (const char* name : {"train_set", "Training-Set", "trainset", "train set"}) {
    EXPECT_EQ(find_split(name), Split::train) << name;
  }
  EXPECT_EQ(find_split("dev_set"), Split::valid);
  EXPECT_EQ(find_split("testset"), Split::test);
  for (const char* name : {"set", "reset", "_set", "train_", "tests", "contest"}) {
    EXPECT_EQ(find_split(name), std::nullopt) << name;
  }
}

TEST(DrawSplitsBySpeaker, HoldsATenthOutButTwoWhereItCan) {
  const std::map<int, std::vector<size_t>> expected = {{6, {2, 2, 2}}, {10, {6, 2, 2}}, {40, {32, 4, 4}}};
  for (const auto& [speakers, counts] : expected) {
    Dataset data = unsplit(clips_of(speakers));
    draw_splits_by_speaker(data, 1);
    EXPECT_EQ(count_held_out(data), counts) << speakers;
    EXPECT_EQ(data.train.size() + data.valid.size() + data.test.size(), 3U * static_cast<size_t>(speakers));
  }
}

TEST(DrawSplitsBySpeaker, OfFourOrFiveSpeakersTestsOnTwoAndValidatesOnClips) {
  std::vector<Example> clips;
  for (int take = 0; take < 10; ++take) {
    for (Example& clip : clips_of(5)) clips.push_back(std::move(clip));
  }
  Dataset data = unsplit(clips);
  draw_splits_by_speaker(data, 1);
  const auto speakers_of = [](const std::vector<Example>& examples) {
    std::set<std::string> speakers;
    for (const Example& example : examples) speakers.insert(example.speaker);
    return speakers;
  };
  EXPECT_EQ(speakers_of(data.test).size(), 2U);
  EXPECT_EQ(speakers_of(data.train).size(), 3U);
  EXPECT_EQ(speakers_of(data.valid), speakers_of(data.train));
}

TEST(DrawSplitsBySpeaker, FollowsTheSeed) {
  const auto test_speaker = [](int64_t seed) {
    Dataset data = unsplit(clips_of(40));
    draw_splits_by_speaker(data, seed);
    return data.test.at(0).speaker + data.test.at(1).speaker + data.test.at(2).speaker;
  };
  EXPECT_EQ(test_speaker(1), test_speaker(1));
  EXPECT_NE(test_speaker(1), test_speaker(2));
}

TEST(DrawSplitsBySpeaker, RefusesTooFewAndNamelessSpeakers) {
  Dataset data = unsplit(clips_of(3));
  EXPECT_THAT(message_of([&] { draw_splits_by_speaker(data, 1); }), HasSubstr("clips of 3 speakers (0.wav"));
  std::vector<Example> clips = clips_of(4);
  clips[5].speaker = "";
  data = unsplit(clips);
  EXPECT_THAT(message_of([&] { draw_splits_by_speaker(data, 1); }), HasSubstr("5.wav: no speaker"));
}

TEST(DrawSplitsFor, TranscriptsAreDrawnBySpeakerFromTenOn) {
  Dataset many = unsplit(clips_of(10)), few = unsplit(clips_of(9, 10));
  draw_missing_splits(SplitPolicy::transcripts, many, 1);
  EXPECT_THAT(count_held_out(many), ElementsAre(6, 2, 2));
  note_draws(draw_missing_splits(SplitPolicy::transcripts, few, 1), {}, few);
  EXPECT_EQ(few.test.size(), 9U);
  EXPECT_THAT(few.notes, ElementsAre(HasSubstr("splits drawn 80/10/10")));
  std::vector<Example> clips = clips_of(20, 5);
  clips[0].speaker = "";
  Dataset nameless = unsplit(clips);
  draw_missing_splits(SplitPolicy::transcripts, nameless, 1);
  EXPECT_EQ(nameless.test.size(), 10U);
}

TEST_F(HeldOutSpeakers, SpeakersWhoAreInTrainingTooAreNotedOnce) {
  make_speakers("train/", 4);
  make_speakers("valid/", 4);
  make_speakers("test/", 3);
  make_speakers("test/other", 2);
  DataOptions request = options();
  request.dataset = "folder";
  EXPECT_THAT(read_dataset(request, "verification").notes,
              ElementsAre(HasSubstr("3 of 5 test speakers are heard in training: ")));
  EXPECT_THAT(read_dataset(request, "speaker").notes, IsEmpty()) << "whom it is to recognise it must have heard";
}

TEST_F(HeldOutSpeakers, FolderOfSpeakers) {
  make_speakers("", 7);
  const Dataset data = read("folder", "verification");
  EXPECT_THAT(count_held_out(data), ElementsAre(3, 2, 2));
  EXPECT_EQ(data.test[0].target, data.test[0].speaker);
}

TEST_F(HeldOutSpeakers, FolderWithoutAValidationPart) {
  make_speakers("train/", 8);
  make_speakers("test/other", 1);
  const Dataset data = read("folder", "verification");
  EXPECT_THAT(count_held_out(data), ElementsAre(6, 2, 1));
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("2 of 8 training speakers drawn")));
}

TEST_F(HeldOutSpeakers, DigitsAndVctk) {
  for (int i = 0; i < 6; ++i) {
    for (int take = 0; take < 8; ++take) {
      clip(fmt::format("recordings/1_s{}_{}.wav", i, take));
      clip(fmt::format("wav48/p{0}/p{0}_{1}.wav", i, take));
    }
  }
  for (const char* dataset : {"fsdd", "vctk"}) {
    const Dataset data = read(dataset, "verification");
    EXPECT_THAT(count_held_out(data), ElementsAre(2, 2, 2));
    EXPECT_EQ(data.test.size(), 16U);
    EXPECT_EQ(data.test[0].target, data.test[0].speaker);
  }
}

}  // namespace sure::test
