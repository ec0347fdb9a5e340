#include "nn/conv_front_end.h"

#include <gtest/gtest.h>

namespace sure {
namespace {

ConvFrontEndOptions two_layers() { return {{8, 6}, {10, 3}, {5, 2}, false, true, "gelu"}; }

TEST(ConvFrames, MatchesTheConvolutionsForEveryLength) {
  const ConvFrontEndOptions options = two_layers();
  ParameterList built;
  const auto source = seeded_source(3);
  const ConvFrontEnd front_end(Scope(*source, built), options);
  for (int64_t samples = 20; samples < 80; ++samples) {
    const Tensor y = front_end.forward(torch::zeros({1, samples}), at::kFloat, {}, false, nullptr, {});
    ASSERT_EQ(y.size(1), conv_frames(samples, options.kernels, options.strides)) << samples << " samples";
    ASSERT_EQ(y.size(2), 6);
  }
}

TEST(ConvFrames, IsZeroForTooFewSamples) { EXPECT_EQ(conv_frames(9, {10, 3}, {5, 2}), 0); }

TEST(ConvFrames, IsFiftyHertzForTheUsualFrontEnd) {
  EXPECT_EQ(conv_frames(40000, {10, 3, 3, 3, 3, 2, 2}, {5, 2, 2, 2, 2, 2, 2}), 124);
}

TEST(MaskOfLengths, IsTrueForTheFirstFrames) {
  const Tensor mask = mask_of_lengths(torch::tensor({3, 1}), 3, torch::zeros({1}));
  EXPECT_TRUE(torch::equal(mask, torch::tensor({{true, true, true}, {true, false, false}})));
  EXPECT_FALSE(mask_of_lengths({}, 3, torch::zeros({1})).defined());
}

}  // namespace
}  // namespace sure
