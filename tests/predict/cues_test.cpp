#include "predict/cues.h"

#include <gmock/gmock.h>

namespace sure::test {

using ::testing::ElementsAre;
using ::testing::SizeIs;

namespace {

/// Words that follow one another without pause.
std::vector<TimedText> said(const std::vector<std::string>& words, double seconds_each) {
  std::vector<TimedText> timed;
  for (size_t i = 0; i < words.size(); ++i) {
    const double start = static_cast<double>(i) * seconds_each;
    timed.push_back({words[i], start, start + seconds_each});
  }
  return timed;
}

}  // namespace

TEST(Cues, HoldTwoLinesOf42Characters) {
  const std::vector<Cue> cues = make_cues(said(std::vector<std::string>(30, "ninechars"), 0.1), 30);
  ASSERT_THAT(cues, SizeIs(4));
  const std::string line = "ninechars ninechars ninechars ninechars";
  EXPECT_THAT(cues[0].lines, ElementsAre(line, line));
  for (size_t i = 1; i < cues.size(); ++i) EXPECT_GE(cues[i].start, cues[i - 1].end);
}

TEST(Cues, LastSevenSecondsAtMost) {
  for (const Cue& cue : make_cues(said(std::vector<std::string>(20, "a"), 1.5), 30)) EXPECT_LE(cue.end - cue.start, 7);
}

TEST(Cues, EndAtPausesAndStayForASecondWhereThereIsRoom) {
  const std::vector<Cue> cues =
      make_cues({{"one", 0, 0.2}, {"two", 0.3, 0.4}, {"three", 5, 5.1}, {"four", 5.9, 6}}, 6.4);
  ASSERT_THAT(cues, SizeIs(3));
  EXPECT_THAT(cues[0].lines, ElementsAre("one two"));
  EXPECT_DOUBLE_EQ(cues[0].end, 1);
  EXPECT_DOUBLE_EQ(cues[1].end, 5.9);  // where the next one starts
  EXPECT_DOUBLE_EQ(cues[2].end, 6.4);  // with the recording
}

TEST(Cues, BreakWordsThatAreLongerThanALineByCharacters) {
  std::string word;
  for (int i = 0; i < 100; ++i) word += "語";
  const std::vector<Cue> cues = make_cues({{word, 0, 4}}, 4);
  ASSERT_THAT(cues, SizeIs(2));
  EXPECT_THAT(cues[0].lines, ElementsAre(word.substr(0, 126), word.substr(126, 126)));
  EXPECT_THAT(cues[1].lines, ElementsAre(word.substr(252)));
  EXPECT_DOUBLE_EQ(cues[1].start, 3.36);
}

TEST(WithoutGaps, CoversTheWholeRecordingWithoutOverlap) {
  std::vector<std::string> texts;
  double reached = 0;
  for (const TimedText& part : without_gaps({{"a", 1, 3}, {"b", 2, 4}, {"c", 5, 6}}, 7)) {
    EXPECT_DOUBLE_EQ(part.start, reached);
    reached = part.end;
    texts.push_back(part.text);
  }
  EXPECT_DOUBLE_EQ(reached, 7);
  EXPECT_THAT(texts, ElementsAre("", "a", "b", "", "c", ""));
}

}  // namespace sure::test
