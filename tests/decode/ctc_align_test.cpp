#include "decode/ctc_align.h"

#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>

#include "tests/decode/every_path.h"
#include "tests/support/errors.h"

namespace sure::test {

namespace {

void expect_equal(const std::vector<TokenSpan>& spans, const std::vector<TokenSpan>& expected) {
  ASSERT_EQ(spans.size(), expected.size());
  for (size_t i = 0; i < spans.size(); ++i) {
    EXPECT_EQ(spans[i].token, expected[i].token);
    EXPECT_EQ(spans[i].first_frame, expected[i].first_frame);
    EXPECT_EQ(spans[i].end_frame, expected[i].end_frame);
    EXPECT_NEAR(spans[i].log_probability, expected[i].log_probability, 1e-6);
  }
}

/// Where a path has tokens.
Tensor frames_of(const std::vector<TokenSpan>& spans, int64_t frames) {
  Tensor tokens = at::zeros({frames}, at::kLong);
  for (const TokenSpan& span : spans) tokens.slice(0, span.first_frame, span.end_frame).fill_(span.token);
  return tokens;
}

}  // namespace

TEST(CtcAlign, FindsTheBestOfEveryPath) {
  const Tensor log_probs = random_log_probs(6, 3, 5);
  for (const auto& [labels, sums] : every_labelling(log_probs)) {
    const Tensor aligned = frames_of(ctc_align(log_probs, labels, 0), 6);
    EXPECT_TRUE(aligned.equal(at::tensor(sums.path))) << fmt::format("{}", fmt::join(labels, " "));
  }
}

TEST(CtcAlign, OfTheGreedyLabellingIsItsPath) {
  const Tensor log_probs = random_log_probs(200, 8, 6);
  const std::vector<TokenSpan> greedy = ctc_greedy(log_probs, 0);
  std::vector<int64_t> labels;
  for (const TokenSpan& span : greedy) labels.push_back(span.token);
  expect_equal(ctc_align(log_probs, labels, 0), greedy);
}

TEST(CtcAlign, RefusesTooManyLabels) {
  const Tensor log_probs = random_log_probs(3, 3, 7);
  EXPECT_EQ(ctc_align(log_probs, {1, 2, 1}, 0).size(), 3U);
  EXPECT_TRUE(ctc_align(log_probs, {}, 0).empty());
  EXPECT_THAT(message_of([&] { ctc_align(log_probs, {1, 1, 2}, 0); }),
              ::testing::HasSubstr("no path of 3 frames through 3 labels"));  // a blank between the two
}

}  // namespace sure::test
