#include "data/describe.h"

#include <gmock/gmock.h>

#include "core/error.h"

namespace sure::test {

using ::testing::ElementsAre;
using ::testing::Pair;

namespace {

double seconds_of(const std::vector<Example>& clips) { return 1.75 * static_cast<double>(clips.size()); }

Dataset two_splits(const std::string& first, const std::string& second, const std::string& third) {
  Dataset data;
  data.train = {{"a.wav", first, "anna"}, {"b.wav", second, "anna"}};
  data.test = {{"c.wav", third, ""}};
  data.languages = {"en", "fr"};
  data.notes = {"something"};
  return data;
}

}  // namespace

TEST(Summarise, CountsClipsSecondsSpeakersAndLabels) {
  const DatasetSummary summary = summarise(two_splits("yes", "no", "yes"), Field::keyword, seconds_of);
  ASSERT_EQ(summary.splits.size(), 3U);
  const SplitSummary& train = summary.splits[0];
  EXPECT_EQ(train.name, "train");
  EXPECT_EQ(train.clips, 2);
  EXPECT_DOUBLE_EQ(train.seconds, 3.5);
  EXPECT_EQ(train.speakers, 1);
  EXPECT_THAT(train.symbols, ElementsAre(Pair("no", 1), Pair("yes", 1)));
  EXPECT_EQ(summary.splits[1].clips, 0);
  EXPECT_EQ(summary.splits[2].speakers, 0);
  EXPECT_EQ(summary.symbol_kind, "labels");
  EXPECT_THAT(summary.symbols, ElementsAre("no", "yes"));
  EXPECT_THAT(summary.languages, ElementsAre("en", "fr"));
  EXPECT_THAT(summary.notes, ElementsAre("something"));
}

TEST(Summarise, LabelsKeepTheCorpusOrder) {
  Dataset data = two_splits("yes", "no", "yes");
  data.labels = {"yes", "no", "maybe"};
  EXPECT_THAT(summarise(data, Field::keyword, seconds_of).symbols, ElementsAre("yes", "no", "maybe"));
}

TEST(Summarise, TranscriptsGiveCharactersOrPhonemes) {
  Dataset data = two_splits("a\xC3\xA9 a", "b", "c");
  const DatasetSummary characters = summarise(data, Field::text, seconds_of);
  EXPECT_EQ(characters.symbol_kind, "characters");
  EXPECT_THAT(characters.symbols, ElementsAre(" ", "a", "b", "c", "\xC3\xA9"));
  EXPECT_THAT(characters.splits[0].symbols, ElementsAre(Pair(" ", 1), Pair("a", 2), Pair("b", 1), Pair("\xC3\xA9", 1)));
  data = two_splits("AA0 B", "B", "B");
  data.targets_are_phonemes = true;
  const DatasetSummary phonemes = summarise(data, Field::phonemes, seconds_of);
  EXPECT_EQ(phonemes.symbol_kind, "phonemes");
  EXPECT_THAT(phonemes.splits[0].symbols, ElementsAre(Pair("AA0", 1), Pair("B", 2)));
}

TEST(Summarise, PassesOnWhatAClipThrows) {
  const auto refuse = [](const std::vector<Example>& clips) -> double {
    fail("{}: no such file", clips.at(0).path.string());
  };
  EXPECT_THROW(summarise(two_splits("a", "b", "c"), Field::text, refuse), Error);
}

}  // namespace sure::test
