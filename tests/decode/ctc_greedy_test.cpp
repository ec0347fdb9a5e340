#include "decode/ctc_greedy.h"

#include <ATen/ops/one_hot.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace sure {
namespace {

TEST(CtcGreedy, MergesRepeatsAndDropsBlanks) {
  const Tensor path = at::tensor({0, 2, 2, 0, 2, 1, 1, 1, 0}, at::kLong);
  const Tensor log_probs = at::one_hot(path, 3).to(at::kFloat).mul(4).log_softmax(-1);
  const std::vector<TokenSpan> spans = ctc_greedy(log_probs, 0);
  ASSERT_EQ(spans.size(), 3);
  EXPECT_EQ(spans[0].token, 2);
  EXPECT_EQ(spans[0].first_frame, 1);
  EXPECT_EQ(spans[0].end_frame, 3);
  EXPECT_EQ(spans[1].token, 2);  // a blank between: said twice
  EXPECT_EQ(spans[1].first_frame, 4);
  EXPECT_EQ(spans[2].token, 1);
  EXPECT_EQ(spans[2].end_frame, 8);
  EXPECT_NEAR(spans[2].log_probability, log_probs.max().item<double>(), 1e-6);
}

TEST(CtcGreedy, OfSilenceIsEmpty) {
  EXPECT_TRUE(ctc_greedy(at::tensor({3.0F, 0.0F, 3.0F, 0.0F}).view({2, 2}).log_softmax(-1), 0).empty());
  EXPECT_TRUE(ctc_greedy(at::zeros({0, 5}), 0).empty());
}

}  // namespace
}  // namespace sure
