#include "fused/convolution.h"

#include <torch/torch.h>

#include "tests/fused/fused_test.h"

namespace sure::test {
namespace {

using FusedConv = Fused;
SURE_FUSED_TESTS(FusedConv);

TEST_P(FusedConv, EqualsAtens) {
  struct Case {
    int64_t clips, length, in, out, kernel, stride;
  };
  const Case cases[] = {{2, 50, 16, 64, 3, 2}, {3, 41, 32, 70, 2, 2}, {1, 7, 6, 5, 3, 2}, {8, 30, 48, 48, 3, 1}};
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << c.in << " -> " << c.out << ", kernel " << c.kernel);
    const Tensor x = random({c.clips, c.length, c.in}), weight = random({c.out, c.in, c.kernel}, 0.2);
    for (const bool gelu : {true, false}) {
      const Tensor bias = gelu ? Tensor() : random({c.out});
      const Tensor y = fused::conv(x, fused::taps_first(weight, element()), bias, c.stride, gelu);
      Tensor expected = at::conv1d(x.to(at::kFloat).transpose(1, 2), weight.to(at::kFloat),
                                   bias.defined() ? bias.to(at::kFloat) : bias, c.stride)
                            .transpose(1, 2);
      if (gelu) expected = at::gelu(expected);
      ASSERT_EQ(y.sizes(), expected.sizes());
      EXPECT_LT(relative_error(y, expected), rounding());
    }
  }
}

TEST_P(FusedConv, PositionsEqualAtens) {
  for (const int64_t kernel : {4, 5, 128}) {
    const int64_t groups = 4, width = 12, size = groups * width;
    const Tensor x = random({2, 31, size}), weight = random({size, width, kernel}, 0.1), bias = random({size});
    const Tensor taps = fused::taps_first(weight, element()).view({groups, width, -1});
    const Tensor expected = at::gelu(at::conv1d(x.to(at::kFloat).transpose(1, 2), weight.to(at::kFloat),
                                                bias.to(at::kFloat), 1, kernel / 2, 1, groups))
                                .narrow(2, 0, 31)
                                .transpose(1, 2);
    EXPECT_LT(relative_error(fused::positional_conv(x, taps, bias), expected), rounding()) << kernel;
  }
}

TEST_P(FusedConv, TheFirstLayerEqualsAtens) {
  for (const int64_t samples : {400, 411, 2000}) {
    const Tensor audio = at::randn({3, samples}), weight = at::randn({37, 1, 10}), bias = at::randn({37});
    const Tensor expected = at::conv1d(audio.unsqueeze(1), weight, bias, 5).transpose(1, 2);
    EXPECT_LT(relative_error(fused::first_conv(audio, weight, bias, 5, element()), expected), rounding());
  }
}

TEST_P(FusedConv, TheFirstLayersGroupNormIsFoldedIn) {
  const Tensor audio = at::randn({2, 1000}) + 0.5, weight = at::randn({40, 1, 10});
  const Tensor scale = at::randn({40}), shift = at::randn({40});
  const Tensor plain = at::conv1d(audio.unsqueeze(1), weight, {}, 5);
  const Tensor expected = at::gelu(at::group_norm(plain, 40, scale, shift, 1e-5)).transpose(1, 2);
  EXPECT_LT(
      relative_error(fused::first_conv_normed(audio, weight, 5, scale, shift, 1e-5, {}, nullptr, element()), expected),
      rounding());
}

TEST_P(FusedConv, TheFoldedNormCountsValidFramesOnly) {
  Tensor audio = at::randn({2, 1000});
  audio[1].narrow(0, 500, 500).zero_();
  const Tensor weight = at::randn({40, 1, 10}), scale = at::randn({40}), shift = at::randn({40});
  const Tensor frames = at::tensor({199, 99}, at::kLong);  // of 1,000 and 500 samples
  const Tensor both = fused::first_conv_normed(audio, weight, 5, scale, shift, 1e-5, frames, nullptr, element());
  const Tensor alone = fused::first_conv_normed(audio.narrow(0, 1, 1).narrow(1, 0, 500), weight, 5, scale, shift, 1e-5,
                                                {}, nullptr, element());
  EXPECT_TRUE(both[1].narrow(0, 0, 99).equal(alone[0]));
}

TEST_P(FusedConv, NormAndGelu) {
  const Tensor x = random({2, 9, 70}), scale = random({70}), shift = random({70});
  const Tensor expected =
      at::gelu(at::layer_norm(x.to(at::kFloat), {70}, scale.to(at::kFloat), shift.to(at::kFloat), 1e-5));
  EXPECT_LT(relative_error(fused::norm_gelu(x, scale, shift, 1e-5), expected), rounding());
}

}  // namespace
}  // namespace sure::test
