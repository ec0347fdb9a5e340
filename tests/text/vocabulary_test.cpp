#include "text/vocabulary.h"

#include <gmock/gmock.h>

#include <fstream>

#include "core/atomic_file.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"
#include "text/normalise_text.h"
#include "text/tokenizer_files.h"

namespace sure::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

using Ids = std::vector<int64_t>;

Vocabulary vocabulary_of(const nlohmann::json& golden_case) {
  return Vocabulary(golden_case.at("tokens").get<std::vector<std::string>>());
}

std::string round_trip(const Vocabulary& vocabulary, const std::string& text) {
  int64_t unknown = 0;
  const Ids ids = vocabulary.encode(text, unknown);
  EXPECT_EQ(unknown, 0);
  return vocabulary.decode(ids);
}

}  // namespace

TEST(Vocabulary, EncodesAsTransformersDoes) {
  for (const auto& c : golden_cases("text/golden/vocabulary.json", "encode")) {
    int64_t unknown = 0;
    EXPECT_EQ(vocabulary_of(c).encode(c.at("text").get<std::string>(), unknown), c.at("ids").get<Ids>())
        << c.at("text");
  }
}

TEST(Vocabulary, DecodesAsTransformersDoes) {
  for (const auto& c : golden_cases("text/golden/vocabulary.json", "decode")) {
    EXPECT_EQ(vocabulary_of(c).decode(c.at("ids").get<Ids>()), c.at("text")) << c.at("ids");
  }
}

TEST(Vocabulary, FindsItsSpecialTokens) {
  const Vocabulary angles({"a", "|", "<unk>", "<pad>"});
  EXPECT_EQ(angles.blank(), 3);
  EXPECT_EQ(angles.unknown(), 2);
  EXPECT_EQ(angles.delimiter(), 1);
  const Vocabulary brackets({"[PAD]", "a"});
  EXPECT_EQ(brackets.blank(), 0);
  EXPECT_FALSE(brackets.unknown().has_value());
  EXPECT_FALSE(brackets.delimiter().has_value());
}

TEST(Vocabulary, CountsWhatIsNoToken) {
  int64_t unknown = 0;
  EXPECT_THAT(Vocabulary({"<pad>", "<unk>", "|", "a"}).encode("aé a日", unknown), ElementsAre(3, 1, 2, 3, 1));
  EXPECT_EQ(unknown, 2);
  EXPECT_THAT(Vocabulary({"<pad>", "|", "a"}).encode("éa", unknown), ElementsAre(2));
  EXPECT_EQ(unknown, 3);
}

TEST(Vocabulary, TextCannotHoldSpecialTokens) {
  int64_t unknown = 0;
  const Vocabulary phonemes({"<pad>", "<unk>", "B"});
  EXPECT_THAT(phonemes.encode("<pad> B Q", unknown), ElementsAre(1, 2, 1));
  EXPECT_EQ(unknown, 2);
  const Vocabulary letters({"<pad>", "|", "<unk>", "a"});
  EXPECT_THAT(letters.encode("a|a", unknown), ElementsAre(3, 2, 3));
}

TEST(Vocabulary, SetsSlotMarksApartEvenWithoutDelimiters) {
  const Vocabulary vocabulary({"<pad>", "|", "a", "B-x", "E-x"});
  EXPECT_EQ(vocabulary.decode(Ids{2, 3, 2, 2, 4, 2}), "a B-x aa E-x a");
  EXPECT_EQ(vocabulary.decode(Ids{3, 1, 2, 0, 1, 4}), "B-x a E-x");
  EXPECT_EQ(vocabulary.decode(Ids{3, 4}), "B-x E-x");
}

TEST(Vocabulary, DecodesByItsRoles) {
  TokenRoles roles = {.blank = "<s>", .unknown = "?", .delimiter = "_"};
  const std::vector<std::string> tokens = {"<s>", "<pad>", "_", "A", "CH", "?", "<unused_6>", "'S"};
  EXPECT_EQ(Vocabulary(tokens, roles).decode(Ids{0, 3, 4, 2, 1, 6, 5, 2}), "ACH <pad>??");
  roles.lower_case = true;
  roles.gap = "+";
  EXPECT_EQ(Vocabulary(tokens, roles).decode(Ids{3, 2, 4}), "a+ch");
  roles.gap = " ";
  roles.clean_up = true;
  EXPECT_EQ(Vocabulary(tokens, roles).decode(Ids{3, 2, 7, 2, 3}), "a's a");
  roles.words = true;
  EXPECT_EQ(Vocabulary(tokens, roles).decode(Ids{3, 4}), "a ch");
  EXPECT_THAT(message_of([] { Vocabulary({"a", "<pad>"}, {.blank = "b"}); }), HasSubstr("'b', the CTC blank"));
}

TEST(Vocabulary, SpellsByTheLongestTokens) {
  int64_t unknown = 0;
  const TokenRoles spaces = {.blank = "<pad>", .delimiter = " "};
  EXPECT_THAT(Vocabulary({"<pad>", " ", "c", "h", "ch", "a"}, spaces).encode("cha hc", unknown),
              ElementsAre(4, 5, 1, 3, 2));
  const TokenRoles upper = {.blank = "<pad>", .delimiter = "|", .lower_case = true};
  EXPECT_THAT(Vocabulary({"<pad>", "|", "Ä", "S"}, upper).encode("äs Ss", unknown), ElementsAre(2, 3, 1, 3, 3));
  EXPECT_THAT(Vocabulary({"<pad>", "中", "文"}, {.blank = "<pad>"}).encode("中文 文", unknown), ElementsAre(1, 2, 2));
  EXPECT_EQ(unknown, 0);
}

TEST(Vocabulary, FindsCharactersComposedOrInParts) {
  int64_t unknown = 0;
  const std::string composed = "\u00e9", parts = "e\u0301";
  EXPECT_THAT(Vocabulary({"<pad>", "|", composed}).encode(parts, unknown), ElementsAre(2));
  EXPECT_THAT(Vocabulary({"<pad>", "|", "e", "\u0301"}).encode(composed, unknown), ElementsAre(2, 3));
  EXPECT_THAT(Vocabulary({"<pad>", "|", "e", parts}).encode(composed + "e", unknown), ElementsAre(3, 2));
  EXPECT_THAT(Vocabulary({"<pad>", "|", "\u00ea", "\u0301"}).encode("\u1ebf", unknown), ElementsAre(2, 3));
  EXPECT_THAT(Vocabulary({"<pad>", "|", parts, composed}).encode(composed, unknown), ElementsAre(3));
  EXPECT_EQ(unknown, 0);
  EXPECT_THAT(Vocabulary({"<pad>", "|", "e"}).unknown_in("e" + parts + "q"), ElementsAre(composed, "q"));
}

TEST(Vocabulary, RoundTrips) {
  const std::vector<std::string> texts = {"play B-artist kent james E-artist", "straße 東京", "it's"};
  const Vocabulary vocabulary = character_vocabulary(texts, true);
  for (const std::string& text : texts) EXPECT_EQ(round_trip(vocabulary, text), text);
  EXPECT_EQ(round_trip(phoneme_vocabulary(), "SIL HH AH0 L OW1 ZH"), "SIL HH AH0 L OW1 ZH");
}

TEST(Vocabulary, CharactersAreSortedByCodePoint) {
  EXPECT_THAT(character_vocabulary({"ba 日", "é😀 b|"}).tokens(),
              ElementsAre("<pad>", "<unk>", "|", "a", "b", "é", "日", "😀"));
  EXPECT_THAT(character_vocabulary({"a E-x", "B-y a B-x"}, true).tokens(),
              ElementsAre("<pad>", "<unk>", "|", "a", "B-x", "B-y", "E-x"));
  EXPECT_THAT(character_vocabulary({"B-x"}, false).tokens(), ElementsAre("<pad>", "<unk>", "|", "-", "B", "x"));
}

TEST(Vocabulary, PhonemesWithAndWithoutStress) {
  const Vocabulary stressed = phoneme_vocabulary();
  EXPECT_EQ(stressed.size(), 2 + 71);
  EXPECT_EQ(stressed.tokens()[4], "AA0");
  EXPECT_EQ(stressed.tokens().back(), "ZH");
  EXPECT_EQ(phoneme_vocabulary(false).size(), 2 + 2 + 39);
}

TEST(Vocabulary, SaysWhatIsWrongWithItsTokens) {
  EXPECT_THAT(message_of([] { Vocabulary({"a", "b"}); }), HasSubstr("'<pad>'"));
  EXPECT_THAT(message_of([] { Vocabulary({"<pad>", "a", "a"}); }), HasSubstr("'a' stands twice"));
  EXPECT_THAT(message_of([] { Vocabulary({"<pad>", ""}); }), HasSubstr("token 1 is empty"));
  EXPECT_THAT(message_of([] { Vocabulary({"<pad>"}).decode(Ids{0, 7}); }), HasSubstr("token 7"));
}

TEST(Vocabulary, RealTranscriptsRoundTrip) {
  const std::filesystem::path file = shared_data() / "LibriSpeech/test-clean/237/134500/237-134500.trans.txt";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no LibriSpeech beside the project (SURE_SHARED_DATA)";
  std::vector<std::string> texts;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) texts.push_back(normalise_text(line.substr(line.find(' '))));
  const Vocabulary vocabulary = character_vocabulary(texts);
  for (const std::string& text : texts) EXPECT_EQ(round_trip(vocabulary, text), text);
}

class VocabJson : public ::testing::Test {
 protected:
  Vocabulary read(const std::string& text, const std::string& language = "") const {
    const std::filesystem::path path = folder_ / "vocab.json";
    write_file(path, text);
    return read_vocabulary(path, language);
  }

  std::string error_of(const std::string& text, const std::string& language = "") const {
    return message_of([&] { read(text, language); });
  }

  TemporaryFolder folder_;
};

TEST_F(VocabJson, IsWrittenAsItIsRead) {
  const Vocabulary vocabulary({"<pad>", "日", "\"", "|", "B-x"});
  write_vocab_json(folder_ / "out.json", vocabulary);
  EXPECT_EQ(read_vocabulary(folder_ / "out.json").tokens(), vocabulary.tokens());
  EXPECT_THAT(read_file(folder_ / "out.json"), HasSubstr("\"日\": 1"));
}

TEST_F(VocabJson, TakesNumbersInAnyOrder) {
  EXPECT_THAT(read(R"({"b": 2, "[PAD]": 1, "a": 0})").tokens(), ElementsAre("a", "[PAD]", "b"));
}

TEST_F(VocabJson, TheFilesBesideItSayMore) {
  write_file(folder_ / "tokenizer_config.json", R"({"pad_token": "b", "word_delimiter_token": {"content": " "}})");
  write_file(folder_ / "added_tokens.json", R"({"<s>": 3, "</s>": 4})");
  const Vocabulary old = read(R"({"a": 0, "b": 1, " ": 2})");
  EXPECT_THAT(old.tokens(), ElementsAre("a", "b", " ", "<s>", "</s>"));
  EXPECT_EQ(old.blank(), 1);
  EXPECT_EQ(old.delimiter(), 2);
  write_file(folder_ / "special_tokens_map.json", R"({"pad_token": {"content": "a"}, "unk_token": "b"})");
  EXPECT_EQ(read(R"({"a": 0, "b": 1, " ": 2})").blank(), 0);
  write_file(folder_ / "tokenizer_config.json",
             R"({"pad_token": "b", "added_tokens_decoder": {"3": {"content": "x"}}})");
  const Vocabulary newer = read(R"({"a": 0, "b": 1, "|": 2})");
  EXPECT_THAT(newer.tokens(), ElementsAre("a", "b", "|", "x"));
  EXPECT_EQ(newer.blank(), 1);
  write_file(folder_ / "tokenizer_config.json", R"({"pad_token": "[PAD]"})");
  std::filesystem::remove(folder_ / "special_tokens_map.json");
  std::filesystem::remove(folder_ / "added_tokens.json");
  EXPECT_THAT(error_of(R"({"a": 0, "<pad>": 1})"), HasSubstr("'[PAD]', the CTC blank"));
}

TEST_F(VocabJson, AddedTokensMayBeAList) {
  write_file(folder_ / "added_tokens.json", R"([{"id": 4, "content": "</s>"}, {"id": 3, "content": "<s>"}, "<x>"])");
  EXPECT_THAT(read(R"({"a": 0, "<pad>": 1, "|": 2})").tokens(), ElementsAre("a", "<pad>", "|", "<s>", "</s>", "<x>"));
  write_file(folder_ / "added_tokens.json", "3");
  EXPECT_THAT(error_of(R"({"a": 0, "<pad>": 1})"), HasSubstr("added_tokens.json: expected a JSON object or list"));
}

TEST_F(VocabJson, TheHeadSaysHowManyTokensThereAre) {
  write_file(folder_ / "vocab.json", R"({"<pad>": 0, "a": 1, "b": 3})");
  write_file(folder_ / "tokenizer_config.json", R"({"eos_token": null})");
  const auto tokens = [&](int64_t outputs) { return read_vocabulary(folder_ / "vocab.json", "", outputs).tokens(); };
  EXPECT_THAT(tokens(2), ElementsAre("<pad>", "a"));
  EXPECT_THAT(tokens(5), ElementsAre("<pad>", "a", "<unused_2>", "b", "<unk>"));
}

TEST_F(VocabJson, NumbersMustBeAPermutation) {
  EXPECT_THAT(error_of(R"({"<pad>": 0, "a": 2})"), HasSubstr("vocab.json: token \"a\" has number 2, expected 0 to 1"));
  EXPECT_THAT(error_of(R"({"<pad>": 0, "a": -1})"), HasSubstr("\"a\" has number -1"));
  EXPECT_THAT(error_of(R"({"<pad>": 0, "a\n": "x"})"), HasSubstr(R"("a\n" has number "x")"));
  EXPECT_THAT(error_of(R"({"<pad>": 0, "a": 1, "b": 1})"), HasSubstr("\"a\" and \"b\" have the same number 1"));
}

TEST_F(VocabJson, NamesFileAndFault) {
  EXPECT_THAT(error_of("{"), HasSubstr("vocab.json: not valid JSON"));
  EXPECT_THAT(error_of("[1]"), HasSubstr("expected a JSON object"));
  EXPECT_THAT(error_of(R"({"a": 0})"), HasSubstr("vocab.json: vocabulary of 1 tokens: '<pad>'"));
  EXPECT_THAT(error_of(R"({"<pad>": 0, "": 1})"), HasSubstr("a token is empty"));
}

TEST_F(VocabJson, ChoosesALanguage) {
  const std::string many = R"({"eng": {"<pad>": 0, "e": 1}, "fra": {"é": 0, "<pad>": 1}})";
  EXPECT_THAT(read(many, "fra").tokens(), ElementsAre("é", "<pad>"));
  EXPECT_THAT(error_of(many), HasSubstr("name one of eng, fra"));
  EXPECT_THAT(error_of(many, "deu"), HasSubstr("no language 'deu', it has eng, fra"));
  EXPECT_THAT(error_of(R"({"<pad>": 0})", "eng"), HasSubstr("holds one vocabulary"));
}

}  // namespace sure::test
