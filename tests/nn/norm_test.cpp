#include "nn/norm.h"

#include <gtest/gtest.h>

#include "fused/libtorch_norm.h"
#include "nn/conv_front_end.h"

namespace sure {
namespace {

ChannelNorm make_channel_norm(int64_t channels) {
  ParameterList built;
  const auto source = seeded_source(3);
  return ChannelNorm(Scope(*source, built), channels);
}

TEST(ChannelNorm, IsGroupNormWithOneChannelAGroup) {
  torch::manual_seed(1);
  const Tensor x = torch::randn({2, 6, 20});
  EXPECT_TRUE(torch::allclose(make_channel_norm(6).forward(x, {}), at::group_norm(x, 6)));
}

TEST(ChannelNorm, WithAMaskIgnoresThePadding) {
  torch::manual_seed(1);
  const Tensor x = torch::randn({2, 6, 20});
  const Tensor mask = mask_of_lengths(torch::tensor({20, 13}), 20, x);
  const Tensor y = make_channel_norm(6).forward(x, mask);
  const Tensor alone = make_channel_norm(6).forward(x.narrow(0, 1, 1).narrow(2, 0, 13), {});
  EXPECT_TRUE(torch::allclose(y.narrow(0, 1, 1).narrow(2, 0, 13), alone, 1e-5, 1e-5));
  EXPECT_FALSE(
      torch::allclose(make_channel_norm(6).forward(x, {}).narrow(0, 1, 1).narrow(2, 0, 13), alone, 1e-2, 1e-2));
}

TEST(Norms, ThatOverflowGiveNaN) {
  Tensor x = torch::randn({2, 6, 20});
  x[1][4][7] = 3e30;  // whose square is infinite
  const Tensor rows = fused::layer_norm(x, {}, {}, 1e-5);
  EXPECT_TRUE(rows[1][4].isnan().all().item<bool>()) << rows[1][4];
  EXPECT_TRUE(rows[0].isfinite().all().item<bool>());
  for (const Tensor& mask : {Tensor(), mask_of_lengths(torch::tensor({20, 20}), 20, x)}) {
    const Tensor channels = make_channel_norm(6).forward(x, mask);
    EXPECT_TRUE(channels[1][4].isnan().all().item<bool>()) << channels[1][4];
    EXPECT_TRUE(channels[0].isfinite().all().item<bool>());
  }
}

TEST(Norms, AreLibtorchsWithTheirGradients) {
  const Tensor x = torch::randn({2, 5, 8}).transpose(1, 2).requires_grad_(), weight = torch::randn({5}),
               bias = torch::randn({5});
  const Tensor ours = fused::layer_norm(x, weight, bias, 1e-5), theirs = at::layer_norm(x, {5}, weight, bias, 1e-5);
  EXPECT_TRUE(torch::equal(ours, theirs));
  const auto gradient = [&](const Tensor& y) {
    x.mutable_grad() = Tensor();
    y.square().sum().backward();
    return x.grad();
  };
  EXPECT_TRUE(torch::equal(gradient(ours), gradient(theirs)));
}

}  // namespace
}  // namespace sure
