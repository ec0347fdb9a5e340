#include "text/speech_symbols.h"

#include <gmock/gmock.h>

namespace sure {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Pronouncer pronouncer() {
  return {Lexicon("HELLO  HH AH0 L OW1\nWORLD  W ER1 L D\nTWO  T UW1\nDON'T  D OW1 N T\n", "lexicon"),
          GraphemeToPhoneme::rules};
}

TEST(SpeechSymbols, KeepStressAndPunctuation) {
  Pronouncer words = pronouncer();
  EXPECT_THAT(speech_symbols("Hello, world.", words),
              ElementsAre("HH", "AH0", "L", "OW1", ",", "W", "ER1", "L", "D", "."));
}

TEST(SpeechSymbols, ReadNumbersAloud) {
  Pronouncer words = pronouncer();
  EXPECT_THAT(speech_symbols("2 world", words), ElementsAre("T", "UW1", "W", "ER1", "L", "D"));
}

TEST(SpeechSymbols, QuotesAreNotWords) {
  Pronouncer words = pronouncer();
  EXPECT_THAT(speech_symbols("“Don’t”!?", words), ElementsAre("D", "OW1", "N", "T", "!"));
}

TEST(SpeechSymbols, OnlyPunctuationIsNothing) {
  Pronouncer words = pronouncer();
  EXPECT_THAT(speech_symbols(" ... !", words), IsEmpty());
}

TEST(SpeechSymbols, UnknownWordsArePronouncedToo) {
  Pronouncer words = pronouncer();
  EXPECT_THAT(speech_symbols("hello zimbo", words), testing::SizeIs(testing::Gt(6U)));
}

}  // namespace
}  // namespace sure
