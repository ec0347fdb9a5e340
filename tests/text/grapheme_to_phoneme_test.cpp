#include "text/grapheme_to_phoneme.h"

#include <gmock/gmock.h>

#include <fstream>

#include "core/atomic_file.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"
#include "text/espeak.h"
#include "text/ipa.h"
#include "text/letter_to_sound.h"

namespace sure::test {

using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;

namespace {

/// PATH is a folder of its own while this lives; `script`, where given, is what espeak-ng is there.
class OtherPath {
 public:
  explicit OtherPath(const std::string& script = "") : before_(std::getenv("PATH")) {
    if (!script.empty()) {
      write_file(program(), "#!/bin/sh\n" + script);
      std::filesystem::permissions(program(), std::filesystem::perms::owner_all);
    }
    ::setenv("PATH", folder_.path().c_str(), 1);
  }
  ~OtherPath() { ::setenv("PATH", before_.c_str(), 1); }
  OtherPath(const OtherPath&) = delete;
  OtherPath& operator=(const OtherPath&) = delete;

 private:
  std::filesystem::path program() const { return folder_ / "espeak-ng"; }

  TemporaryFolder folder_;
  std::string before_;
};

bool espeak_is_installed() {
  try {
    return !espeak_ipa({"a"}).empty();
  } catch (const Error&) {
    return false;
  }
}

Lexicon lexicon() { return Lexicon("hello HH AH0 L OW1\nworld W ER1 L D\n", "test.dict"); }

// Answers each word, a line that is not empty, with the same sounds; counts its runs in the file RUNS.
constexpr const char* kAnswersCat =
    "echo run >> \"$RUNS\"\n"
    "while read -r word; do if [ -n \"$word\" ]; then echo 'k_ˈæ_t'; fi; done\n";

}  // namespace

TEST(Ipa, BecomesArpabet) {
  EXPECT_THAT(ipa_to_arpabet("k_ˈæ_t"), Optional(ElementsAre("K", "AE1", "T")));
  EXPECT_THAT(ipa_to_arpabet("tʃ_ˈæ_ɹ_ᵻ_ɾ_i"), Optional(ElementsAre("CH", "AE1", "R", "IH0", "T", "IY0")));
  EXPECT_THAT(ipa_to_arpabet("ˈæ_dʒ_ᵻ_k_ˌeɪ_t"), Optional(ElementsAre("AE1", "JH", "IH0", "K", "EY2", "T")));
  EXPECT_THAT(ipa_to_arpabet("b_ˈʌ_ʔ_n̩_z"), Optional(ElementsAre("B", "AH1", "T", "AH0", "N", "Z")));
  EXPECT_THAT(ipa_to_arpabet("f_ˈaɪɚ"), Optional(ElementsAre("F", "AY1", "ER0")));
  EXPECT_THAT(ipa_to_arpabet("ˈɑːɹ_ɹ_ɪ__ə_l"), Optional(ElementsAre("AA1", "R", "IH0", "AH0", "L")));
  EXPECT_EQ(ipa_to_arpabet("(fr)k_ˈæ_t"), std::nullopt);
}

TEST(LetterToSound, KnowsCommonSpellings) {
  EXPECT_THAT(letter_to_sound("knight"), ElementsAre("N", "AY1", "T"));
  EXPECT_THAT(letter_to_sound("Phone"), ElementsAre("F", "OW1", "N"));
  EXPECT_THAT(letter_to_sound("station"), ElementsAre("S", "T", "AE1", "SH", "AH0", "N"));
  EXPECT_THAT(letter_to_sound("apple"), ElementsAre("AE1", "P", "AH0", "L"));
  EXPECT_THAT(letter_to_sound("red"), ElementsAre("R", "EH1", "D"));
  EXPECT_THAT(letter_to_sound("me"), ElementsAre("M", "IY1"));
  EXPECT_THAT(letter_to_sound("queen"), ElementsAre("K", "W", "IY1", "N"));
  EXPECT_THAT(letter_to_sound("l\u00E9on's"), ElementsAre("L", "EH1", "AA0", "N", "S"));
  EXPECT_THAT(letter_to_sound("日本 12"), IsEmpty());
}

TEST(LetterToSound, SpeaksEveryLetterOfTheAlphabet) {
  for (char first = 'a'; first <= 'z'; ++first) {
    for (char second = 'a'; second <= 'z'; ++second) {
      EXPECT_THAT(letter_to_sound(std::string{first, second}), ::testing::Not(IsEmpty())) << first << second;
    }
  }
}

TEST(GraphemeToPhoneme, IsFoundByName) {
  EXPECT_EQ(grapheme_to_phoneme("rules"), GraphemeToPhoneme::rules);
  EXPECT_THAT(message_of([] { grapheme_to_phoneme("sphinx"); }), HasSubstr("use one of auto, espeak, rules"));
}

TEST(Pronouncer, TakesTheLexiconFirst) {
  Pronouncer pronouncer(lexicon(), GraphemeToPhoneme::rules);
  EXPECT_THAT(pronouncer.pronounce("Hello WORLD"), ElementsAre("HH", "AH0", "L", "OW1", "W", "ER1", "L", "D"));
  EXPECT_EQ(pronouncer.out_of_vocabulary().words, 0);
}

TEST(Pronouncer, CountsDifferentWordsThatTheLexiconLacks) {
  Pronouncer pronouncer(lexicon(), GraphemeToPhoneme::rules);
  EXPECT_THAT(pronouncer.pronounce("hello cat 日本 Cat"),
              ElementsAre("HH", "AH0", "L", "OW1", "K", "AE1", "T", "SPN", "K", "AE1", "T"));
  pronouncer.pronounce("cat");
  EXPECT_EQ(pronouncer.out_of_vocabulary().words, 2);
  EXPECT_EQ(pronouncer.out_of_vocabulary().by_rules, 1);
  EXPECT_EQ(pronouncer.out_of_vocabulary().unpronounced, 1);
  EXPECT_THAT(pronouncer.notes(), IsEmpty());
}

TEST(Pronouncer, HasNoStressWhereTheLexiconHasNone) {
  Pronouncer pronouncer(Lexicon("a AH\n", "test.dict"), GraphemeToPhoneme::rules);
  EXPECT_THAT(pronouncer.pronounce("a cat"), ElementsAre("AH", "K", "AE", "T"));
}

TEST(Pronouncer, AsksEspeakOnceForAllTexts) {
  const TemporaryFolder folder;
  ::setenv("RUNS", (folder / "runs").c_str(), 1);
  const OtherPath path(kAnswersCat);
  Pronouncer pronouncer(lexicon(), GraphemeToPhoneme::automatic);
  pronouncer.prepare({"hello katze", "Katze gato world", "日本"});
  EXPECT_THAT(pronouncer.pronounce("gato katze"), ElementsAre("K", "AE1", "T", "K", "AE1", "T"));
  EXPECT_EQ(read_file(folder / "runs"), "run\n");
  EXPECT_EQ(pronouncer.out_of_vocabulary().words, 3);
  EXPECT_EQ(pronouncer.out_of_vocabulary().by_espeak, 2);
  EXPECT_EQ(pronouncer.out_of_vocabulary().unpronounced, 1);
}

TEST(Pronouncer, SaysWhyEspeakIsNotUsed) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "espeak-ng is not installed"},
      {"exit 3", "exit code 3"},
      {"kill -9 $$", "signal 9"},
      {"echo 'k_ˈæ_t'; echo 'k_ˈæ_t'", "2 lines to 1 words"},
  };
  for (const auto& [script, why] : cases) {
    const OtherPath path(script);
    Pronouncer automatic(lexicon(), GraphemeToPhoneme::automatic);
    EXPECT_THAT(automatic.pronounce("cat"), ElementsAre("K", "AE1", "T"));
    EXPECT_EQ(automatic.out_of_vocabulary().by_rules, 1);
    automatic.pronounce("dog");
    EXPECT_THAT(automatic.notes(), ElementsAre(HasSubstr(why)));
    Pronouncer insisting(lexicon(), GraphemeToPhoneme::espeak);
    EXPECT_THAT(message_of([&] { insisting.pronounce("cat"); }), HasSubstr(why));
  }
}

TEST(Pronouncer, SpeaksByRuleWhatEspeakAnswersInOtherSigns) {
  const OtherPath path("echo '(fr)k_ˈæ_t'");
  Pronouncer pronouncer(lexicon(), GraphemeToPhoneme::automatic);
  EXPECT_THAT(pronouncer.pronounce("dog"), ElementsAre("D", "AA1", "G"));
  EXPECT_EQ(pronouncer.out_of_vocabulary().by_rules, 1);
}

TEST(Espeak, TakesWordsOnly) {
  for (const char* word : {"cat", "l'été", "jean-luc", "12", "é"}) EXPECT_TRUE(espeak_takes(word)) << word;
  for (const char* other : {"", "'", "--", "[[k]]", "<b>", "a.b", "日本", "a b"})
    EXPECT_FALSE(espeak_takes(other)) << other;
}

class RealEspeak : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!espeak_is_installed()) GTEST_SKIP() << "espeak-ng is not installed";
  }
};

TEST_F(RealEspeak, PronouncesAsTheDictionaryDoes) {
  Pronouncer pronouncer(lexicon(), GraphemeToPhoneme::espeak);
  EXPECT_THAT(pronouncer.pronounce("judge"), ElementsAre("JH", "AH1", "JH"));
  EXPECT_THAT(pronouncer.pronounce("thinking"), ElementsAre("TH", "IH1", "NG", "K", "IH0", "NG"));
  EXPECT_THAT(pronouncer.pronounce("adjacent"), ElementsAre("AH0", "JH", "EY1", "S", "AH0", "N", "T"));
}

TEST_F(RealEspeak, KnowsAllSignsOfRealWords) {
  const std::filesystem::path file = shared_data() / "LibriSpeech/test-clean/237/134500/237-134500.trans.txt";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no LibriSpeech beside the project (SURE_SHARED_DATA)";
  std::vector<std::string> texts;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) texts.push_back(line.substr(line.find(' ')));
  Pronouncer pronouncer(lexicon(), GraphemeToPhoneme::espeak);
  pronouncer.prepare(texts);
  EXPECT_THAT(pronouncer.out_of_vocabulary().words, Ge(200));
  EXPECT_EQ(pronouncer.out_of_vocabulary().by_espeak, pronouncer.out_of_vocabulary().words);
}

}  // namespace sure::test
