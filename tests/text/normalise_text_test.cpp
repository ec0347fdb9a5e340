#include "text/normalise_text.h"

#include <gmock/gmock.h>

#include <fstream>

#include "core/options.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sure::test {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(NormaliseText, AsPythonDoes) {
  for (const auto& c : golden_cases("text/golden/normalise_text.json")) {
    EXPECT_EQ(normalise_text(c.at("text").get<std::string>()), c.at("normalised")) << c;
  }
}

TEST(NormaliseText, DeletesWhatTheOptionsList) {
  EXPECT_EQ(normalise_text("well-known, it's \"so\""), "wellknown it's so");
  TextOptions options;
  options.letter_case = "keep";
  options.remove_punctuation = "、。e\u0301";  // é in two code points
  EXPECT_EQ(normalise_text("A-b。 caf\u00E9、", options), "A-b caf");
}

TEST(NormaliseText, WritesTypographicQuotesAsPlainOnes) {
  EXPECT_EQ(normalise_text("“Don’t,” he said: „it‘s donʼt.‟"), "don't he said it's don't");
  EXPECT_EQ(normalise_text("don’t “x”"), normalise_text("don't \"x\""));
  TextOptions options;
  options.remove_punctuation = "’";
  EXPECT_EQ(normalise_text("don’t “x”", options), "dont \"x\"");
  options.plain_quotes = false;
  EXPECT_EQ(normalise_text("don’t don't “x”", options), "dont don't “x”");
}

TEST(NormaliseText, LeavesOneSpaceBetweenWords) {
  EXPECT_EQ(normalise_text("  a -  b\u00A0\u2003c\r\n"), "a b c");
  EXPECT_EQ(normalise_text(" ?! "), "");
}

TEST(NormaliseText, IsItsOwnInverse) {
  const std::string once = normalise_text("Der Größte - Café, İstanbul!");
  EXPECT_EQ(normalise_text(once), once);
}

TEST(NormaliseText, KeepsSlotMarksWhenAsked) {
  const std::string text = "PLAY B-artist KENT-James, E-artist NOW";
  EXPECT_EQ(normalise_text(text, {}, true), "play B-artist kentjames E-artist now");
  EXPECT_EQ(normalise_text(text, {}, false), "play bartist kentjames eartist now");
  EXPECT_FALSE(is_slot_mark("B-"));
  EXPECT_FALSE(is_slot_mark("b-artist"));
}

TEST(NormaliseText, OptionsAreFlags) {
  TextOptions options;
  options_from_json(options, {{"letter_case", "keep"}, {"remove_punctuation", "x"}}, "test");
  EXPECT_EQ(normalise_text("XxAb", options), "XAb");
}

TEST(NormaliseText, RefusesBrokenText) {
  EXPECT_THAT(message_of([] { normalise_text("caf\xE9"); }), HasSubstr("UTF-8"));
}

TEST(NormaliseText, RealTranscripts) {
  const std::filesystem::path file = shared_data() / "LibriSpeech/test-clean/237/134500/237-134500.trans.txt";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no LibriSpeech beside the project (SURE_SHARED_DATA)";
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_THAT(normalise_text(line.substr(line.find(' '))), MatchesRegex("[a-z']+( [a-z']+)*"));
  }
}

}  // namespace sure::test
