#include "text/lexicon.h"

#include <gmock/gmock.h>

#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

std::string error_of(const std::string& text) {
  return message_of([&] { Lexicon(text, "words.dict"); });
}

}  // namespace

TEST(Lexicon, MayStartWithAByteOrderMark) {
  EXPECT_TRUE(Lexicon("\xEF\xBB\xBFhello  HH AH0\n", "words.dict").contains("hello"));
}

TEST(Lexicon, ReadsTheCmuFormat) {
  const Lexicon lexicon(
      ";;; a comment\n"
      "HELLO  HH AH0 L OW1\r\n"
      "\n"
      "hello(2) HH EH0 L OW1 # another way\n"
      "'tis\tT IH1 Z\n"
      "caf\u00C9 K AH0 F EY1\n"
      "(x) EH1 K S",
      "words.dict");
  EXPECT_EQ(lexicon.size(), 4);
  EXPECT_THAT(lexicon.pronounce("Hello"), ElementsAre("HH", "AH0", "L", "OW1"));
  EXPECT_THAT(lexicon.pronunciations("hello"),
              ElementsAre(ElementsAre("HH", "AH0", "L", "OW1"), ElementsAre("HH", "EH0", "L", "OW1")));
  EXPECT_THAT(lexicon.pronounce("'TIS"), ElementsAre("T", "IH1", "Z"));
  EXPECT_THAT(lexicon.pronounce("cafe\u0301"), ElementsAre("K", "AH0", "F", "EY1"));
  EXPECT_TRUE(lexicon.contains("(x)"));
  EXPECT_TRUE(lexicon.has_stress());
  EXPECT_FALSE(lexicon.contains("hello(2)"));
  EXPECT_THAT(lexicon.pronounce("absent"), IsEmpty());
}

TEST(Lexicon, NamesTheBrokenLine) {
  EXPECT_THAT(error_of("a AH0\nb\n"), HasSubstr("words.dict:2: 'b' has no phonemes"));
  EXPECT_THAT(error_of("a AH0\n\nb B XX\n"), HasSubstr("words.dict:3: 'XX' is no ARPAbet phoneme"));
  EXPECT_THAT(error_of("a AH3"), HasSubstr("'AH3'"));
  EXPECT_THAT(error_of("caf\xE9 K AE0"), HasSubstr("words.dict:1: broken UTF-8"));
  EXPECT_THAT(error_of("a # AH0"), HasSubstr("no phonemes"));
  EXPECT_THAT(error_of("a AH0\nb B IY"), HasSubstr("words.dict:2: vowel 'IY' has no stress"));
  EXPECT_THAT(error_of("a AH\nb B IY1"), HasSubstr("vowel 'IY1' has stress"));
}

TEST(Lexicon, SkipsAndCountsBrokenLinesWhenAsked) {
  const Lexicon lexicon("x AH XX\na B AH0\nb\nc B IY\nd D IY1\n", "words.dict", {.skip_broken_lines = true});
  EXPECT_EQ(lexicon.skipped(), 3);
  EXPECT_EQ(lexicon.size(), 2);
  EXPECT_THAT(lexicon.pronounce("d"), ElementsAre("D", "IY1"));
}

TEST(Lexicon, DropsStressWhenAsked) {
  const Lexicon lexicon("hello HH AH0 L OW1\nno N OW\n", "words.dict", {.drop_stress = true});
  EXPECT_FALSE(lexicon.has_stress());
  EXPECT_THAT(lexicon.pronounce("hello"), ElementsAre("HH", "AH", "L", "OW"));
}

TEST(Lexicon, ReadsTheRealDictionary) {
  const std::filesystem::path file = shared_data() / "meta/cmudict/cmudict-en-us.dict";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no CMUdict beside the project (SURE_SHARED_DATA)";
  const Lexicon lexicon = read_lexicon(file);
  EXPECT_GT(lexicon.size(), 120000);
  EXPECT_FALSE(lexicon.has_stress());
  EXPECT_THAT(lexicon.pronunciations("a"), ElementsAre(ElementsAre("AH"), ElementsAre("EY")));
  EXPECT_THAT(lexicon.pronounce("ZYWICKI"), ElementsAre("Z", "IH", "W", "IH", "K", "IY"));
}

}  // namespace sure::test
