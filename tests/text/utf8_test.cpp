#include "text/utf8.h"

#include <gmock/gmock.h>

#include "tests/support/errors.h"

namespace sure::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Utf8, KnowsBrokenSequences) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("naïve 日本 😀"));
  EXPECT_FALSE(is_utf8("\xC3"));          // cut short
  EXPECT_FALSE(is_utf8("\xE9t\xE9"));     // Latin-1
  EXPECT_FALSE(is_utf8("\xC0\xAF"));      // over-long
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));  // a surrogate
}

TEST(Utf8, ComposesAccents) {
  EXPECT_EQ(nfc("cafe\u0301"), "caf\u00E9");
  EXPECT_EQ(nfc("\u1112\u1161\u11AB"), "한");              // Hangul letters
  EXPECT_EQ(nfc(std::string("e\0\u0301", 4)).size(), 4U);  // a zero byte is text
  EXPECT_EQ(nfc("ﬁ"), "ﬁ");                                // ligatures are not taken apart
  EXPECT_EQ(without_accents("Ångström naïve"), "Angstrom naive");
}

TEST(Utf8, LowerCaseIsTheSameInEveryLocale) {
  EXPECT_EQ(lower_case("TITLE Ä Σ Ж ẞ"), "title ä σ ж ß");
  EXPECT_EQ(lower_case("İI"), "ii");  // Turkish: no dotless i from I
  EXPECT_EQ(lower_case("東京"), "東京");
  EXPECT_EQ(upper_case("title ä σ ж ÿ 東"), "TITLE Ä Σ Ж Ÿ 東");
}

TEST(Utf8, SplitsIntoCharactersAndWords) {
  EXPECT_THAT(characters("aé日😀"), ElementsAre("a", "é", "日", "😀"));
  EXPECT_THAT(split_words("\t a\u00A0bé\u3000\n日本 "), ElementsAre("a", "bé", "日本"));
  EXPECT_THAT(split_words(" \n"), ElementsAre());
}

TEST(Utf8, RefusesBrokenText) {
  EXPECT_THAT(message_of([] { nfc("caf\xE9"); }), HasSubstr("UTF-8"));
  EXPECT_THAT(message_of([] { characters("caf\xE9"); }), HasSubstr("at byte 3"));
  EXPECT_THAT(message_of([] { lower_case("\xC3"); }), HasSubstr("at byte 0"));
}

TEST(Utf8, KnowsLatinLetters) {
  for (const char* letter : {"a", "Z", "é", "ß", "ł"}) EXPECT_TRUE(is_latin_letter(letter)) << letter;
  for (const char* other : {"1", "'", "日", "ж", " ", "×"}) EXPECT_FALSE(is_latin_letter(other)) << other;
}

}  // namespace sure::test
