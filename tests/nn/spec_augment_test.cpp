#include "nn/spec_augment.h"

#include <gtest/gtest.h>

namespace sure {
namespace {

TEST(RandomSpans, StayInsideEachRowsLength) {
  torch::manual_seed(1);
  const Tensor mask = random_spans(2, 100, 0.5, 10, 2, torch::tensor({100, 40}));
  EXPECT_FALSE(mask[1].narrow(0, 40, 60).any().item<bool>());
  EXPECT_TRUE(mask[1].narrow(0, 0, 40).any().item<bool>());
}

TEST(RandomSpans, MaskAboutTheShareAskedFor) {
  torch::manual_seed(1);
  // Spans overlap, so the share is below prob: 1 - (1 - 10 / 1000)^(0.2 * 1000 / 10) = 0.18 for starts anywhere.
  const double share = random_spans(50, 1000, 0.2, 10, 0, {}).to(torch::kFloat).mean().item<double>();
  EXPECT_NEAR(share, 0.18, 0.02);
}

TEST(RandomSpans, MaskNothingInRowsShorterThanASpan) {
  EXPECT_FALSE(random_spans(1, 100, 1.0, 10, 2, torch::tensor({9})).any().item<bool>());
  EXPECT_FALSE(random_spans(1, 5, 1.0, 10, 2, {}).any().item<bool>());
}

}  // namespace
}  // namespace sure
