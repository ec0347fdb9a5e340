#include "nn/norm.h"

#include <gtest/gtest.h>

#include "nn/conv_front_end.h"

namespace sure {
namespace {

ChannelNorm channel_norm(int64_t channels) {
  ParameterList built;
  const auto source = seeded_source(3);
  return ChannelNorm(Scope(*source, built), channels);
}

TEST(ChannelNorm, IsGroupNormWithOneChannelAGroup) {
  torch::manual_seed(1);
  const Tensor x = torch::randn({2, 6, 20});
  EXPECT_TRUE(torch::allclose(channel_norm(6).forward(x, {}), at::group_norm(x, 6)));
}

TEST(ChannelNorm, WithAMaskIgnoresThePadding) {
  torch::manual_seed(1);
  const Tensor x = torch::randn({2, 6, 20});
  const Tensor mask = mask_of_lengths(torch::tensor({20, 13}), 20, x);
  const Tensor y = channel_norm(6).forward(x, mask);
  const Tensor alone = channel_norm(6).forward(x.narrow(0, 1, 1).narrow(2, 0, 13), {});
  EXPECT_TRUE(torch::allclose(y.narrow(0, 1, 1).narrow(2, 0, 13), alone, 1e-5, 1e-5));
  EXPECT_FALSE(torch::allclose(channel_norm(6).forward(x, {}).narrow(0, 1, 1).narrow(2, 0, 13), alone, 1e-2, 1e-2));
}

}  // namespace
}  // namespace sure
