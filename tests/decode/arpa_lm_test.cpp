#include "decode/arpa_lm.h"

#include <gmock/gmock.h>

#include <sstream>

#include "core/atomic_file.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sure::test {

using ::testing::HasSubstr;

namespace {

/// The scores of a sentence's words and of its end.
std::vector<double> scores_of(const ArpaLm& lm, const std::string& sentence) {
  std::vector<double> scores;
  ArpaLm::State state = lm.start();
  std::istringstream words(sentence);
  for (std::string word; words >> word;) scores.push_back(lm.score(state, lm.word_id(word), state));
  scores.push_back(lm.score_end(state));
  return scores;
}

constexpr const char* kUnigrams =
    "\n\\data\\\nngram 1=4\n\n\\1-grams:\n-99\t<s>\n-0.5\t</s>\n-0.4 yes\n-2\t<UNK>\n\n\\end\\\n";

constexpr const char* kBigrams =
    "\\data\\\nngram 1=3\nngram 2=2\n\n\\1-grams:\n-99\t<s>\t-0.1\n-0.5\t</s>\n-0.4\tyes\t-0.2\n\n"
    "\\2-grams:\n-0.3\t<s> yes\n-0.6\tyes </s>\n\n\\end\\\n";

class ArpaFile : public ::testing::Test {
 protected:
  ArpaLm load(const std::string& text) {
    write_file(folder_ / "lm.arpa", text);
    return ArpaLm(folder_ / "lm.arpa");
  }

  /// What is said about kBigrams with `from` replaced.
  std::string refusal(const std::string& from, const std::string& to) {
    std::string text = kBigrams;
    text.replace(text.find(from), from.size(), to);
    return message_of([&] { load(text); });
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_F(ArpaFile, ScoresAsKenLm) {
  for (const auto& golden : golden_cases("decode/golden/arpa_lm.json")) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    const ArpaLm lm = load(golden.at("arpa"));
    EXPECT_EQ(lm.order(), golden.at("order").get<int64_t>());
    for (const auto& sentence : golden.at("sentences")) {
      const std::string text = sentence.at("text");
      const std::vector<double> expected = sentence.at("scores");
      EXPECT_THAT(scores_of(lm, text), ::testing::Pointwise(::testing::DoubleNear(1e-5), expected)) << text;
    }
  }
}

TEST_F(ArpaFile, OfUnigramsHasNoContext) {
  const ArpaLm lm = load(kUnigrams);
  EXPECT_THAT(scores_of(lm, "yes no"), ::testing::Pointwise(::testing::FloatEq(), {-0.4, -2.0, -0.5}));
  EXPECT_TRUE(lm.start().empty());
}

TEST_F(ArpaFile, MayHaveWindowsLineEnds) {
  std::string text = kBigrams;
  for (size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2)) text.insert(at, "\r");
  EXPECT_THAT(scores_of(load(text), "yes"), ::testing::Pointwise(::testing::FloatEq(), {-0.3, -0.6}));
}

TEST_F(ArpaFile, StateKeepsWhatTheOrderNeeds) {
  const ArpaLm lm = load(kBigrams);
  ArpaLm::State state = lm.start();
  ArpaLm::State next;
  lm.score(state, lm.word_id("yes"), next);
  EXPECT_THAT(std::vector<int32_t>(next.begin(), next.end()), ::testing::ElementsAre(lm.word_id("yes")));
  EXPECT_NE(state[0], next[0]) << "the state before is left alone";
}

TEST_F(ArpaFile, RefusesWhatIsNotArpa) {
  EXPECT_THAT(message_of([&] { load(""); }), HasSubstr("lm.arpa:1: expected '\\data\\', found the end of the file"));
  EXPECT_THAT(refusal("\\data\\", "{\"a\": 1}"), HasSubstr("lm.arpa:1: expected '\\data\\', found '{\"a\": 1}'"));
  EXPECT_THAT(refusal("ngram 2=", "ngram 3="), HasSubstr("lm.arpa:3: expected 'ngram 2=COUNT', found 'ngram 3=2'"));
  EXPECT_THAT(refusal("ngram 1=3", "ngram 1=three"), HasSubstr("lm.arpa:2: expected 'ngram 1=COUNT'"));
  EXPECT_THAT(refusal("ngram 1=3", "ngram 1=999999999999"), HasSubstr("lm.arpa:2: expected a count"));
  EXPECT_THAT(refusal("\\2-grams:", "\\3-grams:"), HasSubstr("lm.arpa:10: expected '\\2-grams:', found '\\3-grams:'"));
  EXPECT_THAT(refusal("\\end\\", ""), HasSubstr("expected '\\end\\', found the end of the file"));
}

TEST_F(ArpaFile, RefusesCountsThatDoNotMatch) {
  EXPECT_THAT(refusal("ngram 2=2", "ngram 2=1"), HasSubstr("lm.arpa:12: expected '\\end\\', found '-0.6\tyes </s>'"));
  EXPECT_THAT(refusal("ngram 2=2", "ngram 2=3"), HasSubstr("expected 3 2-grams as the header counts, found 2"));
}

TEST_F(ArpaFile, RefusesBrokenNgrams) {
  EXPECT_THAT(refusal("-0.3\t", "low\t"), HasSubstr("lm.arpa:11: expected a log10 probability, found 'low'"));
  EXPECT_THAT(refusal("-0.3\t", "nan\t"), HasSubstr("lm.arpa:11: expected a log10 probability, found 'nan'"));
  EXPECT_THAT(refusal("-0.3\t", "0.3\t"), HasSubstr("lm.arpa:11: expected a log10 probability of at most 0"));
  EXPECT_THAT(refusal("\t-0.2", "\t-x"), HasSubstr("lm.arpa:8: expected a log10 back-off weight, found '-x'"));
  EXPECT_THAT(refusal("<s> yes", "yes"), HasSubstr("lm.arpa:11: expected a log10 probability, 2 words"));
  EXPECT_THAT(refusal("<s> yes", "<s> no"), HasSubstr("lm.arpa:11: expected words of the 1-grams, found 'no'"));
  EXPECT_THAT(refusal("<s> yes", "yes </s>"), HasSubstr("lm.arpa:12: expected each n-gram once"));
  EXPECT_THAT(refusal("<s> yes", "<s> y\xE9s"), HasSubstr("lm.arpa:11: expected UTF-8 text"));
  EXPECT_THAT(refusal("-99\t<s>", "-99\t<S>"), HasSubstr("expected <s> among the 1-grams, found none"));
}

}  // namespace sure::test
