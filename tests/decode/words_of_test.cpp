#include "decode/words_of.h"

#include <ATen/ops/one_hot.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>

#include "tests/support/errors.h"
#include "tests/support/golden.h"

namespace sure::test {

using ::testing::HasSubstr;

namespace {

/// The greedy labelling of a path, each frame with the same log-probability.
std::vector<TokenSpan> spans_of(const std::vector<int64_t>& path, int64_t vocabulary) {
  const Tensor frames = at::tensor(path, at::kLong);
  return ctc_greedy(at::one_hot(frames, vocabulary).to(at::kFloat).mul(5).log_softmax(-1), 0);
}

std::vector<std::string> texts_of(const std::vector<Word>& words) {
  std::vector<std::string> texts;
  for (const Word& word : words) texts.push_back(word.text);
  return texts;
}

}  // namespace

TEST(WordsOf, HasTheTimesOfTransformers) {
  const auto golden = read_golden("decode/golden/words_of.json");
  const TokenTable tokens(golden.at("tokens"), 0, 4);
  for (const auto& one : golden.at("cases")) {
    const std::vector<Word> words = words_of(spans_of(one.at("frames"), tokens.size()), tokens, 1);
    ASSERT_EQ(words.size(), one.at("words").size());
    for (size_t i = 0; i < words.size(); ++i) {
      EXPECT_EQ(words[i].text, one.at("words")[i][0].get<std::string>());
      EXPECT_EQ(words[i].start, one.at("words")[i][1].get<double>());
      EXPECT_EQ(words[i].end, one.at("words")[i][2].get<double>());
    }
  }
}

TEST(WordsOf, AveragesOverFramesAndCountsInSeconds) {
  const TokenTable tokens({"_", "|", "a", "é"}, 0, 1);
  const std::vector<Word> words =
      words_of({{1, 0, 1, -9.0}, {2, 2, 5, -1.0}, {3, 7, 8, -3.0}, {1, 9, 10, -9.0}}, tokens);
  ASSERT_EQ(words.size(), 1U);
  EXPECT_EQ(words[0].text, "aé");
  EXPECT_DOUBLE_EQ(words[0].start, 0.04);
  EXPECT_DOUBLE_EQ(words[0].end, 0.16);
  EXPECT_DOUBLE_EQ(words[0].log_probability, -1.5);
  EXPECT_EQ(words[0].first_span, 1U);
  EXPECT_EQ(words[0].end_span, 3U);
}

TEST(WordsOf, SlotMarksStandAlone) {
  const TokenTable tokens({"_", "|", "a", "b", "B-artist", "E-artist"}, 0, 1);
  const std::vector<TokenSpan> spans = spans_of({4, 2, 3, 5, 1, 2, 4, 4, 0, 4}, 6);
  EXPECT_THAT(texts_of(words_of(spans, tokens)),
              ::testing::ElementsAre("B-artist", "ab", "E-artist", "a", "B-artist", "B-artist"));
}

TEST(WordsOf, WithoutDelimiterEachTokenIsOne) {
  const TokenTable tokens({"_", "AA1", "B", "é"}, 0, -1);
  EXPECT_THAT(texts_of(words_of(spans_of({1, 1, 2, 0, 2, 3}, 4), tokens)),
              ::testing::ElementsAre("AA1", "B", "B", "é"));
}

TEST(TokenTable, RefusesIdsOutsideTheVocabulary) {
  EXPECT_THAT(message_of([] { TokenTable({"_", "a"}, 2, -1); }), HasSubstr("blank token 2: expected an id of the 2"));
  EXPECT_THAT(message_of([] { TokenTable({"_", "a"}, 0, 2); }), HasSubstr("word delimiter 2"));
  EXPECT_THAT(message_of([] { TokenTable({"_", "a"}, 0, 0); }), HasSubstr("word delimiter 0"));
}

}  // namespace sure::test
