// Values are compared with plain PyTorch in tests/parity.
#include "nn/fft_block.h"

#include <gtest/gtest.h>

#include "nn/batch_norm.h"
#include "tests/support/close.h"

namespace sure {
namespace {

struct Block {
  std::unique_ptr<ParameterSource> source = seeded_source(1);
  ParameterList built;
  SiteList sites;
  FftBlock block{Scope(*source, built, "encoder.layers.0", &sites), {16, 2, 24, 5, 0.2}};
};

class Shift : public ResidualAdapter {
 public:
  Tensor forward(const Tensor& x, const ForwardContext&) const override { return x + 3; }
};

TEST(FftBlock, AClipDoesNotSeeItsPadding) {
  torch::manual_seed(2);
  const Block one;
  const Tensor x = torch::randn({2, 9, 16});
  ForwardContext context;
  context.frame_mask = torch::arange(9).unsqueeze(0) < torch::tensor({9, 5}).unsqueeze(1);
  const Tensor y = one.block.forward(x, context);
  const Tensor alone = one.block.forward(x.slice(0, 1).slice(1, 0, 5), ForwardContext{});
  EXPECT_LT(test::relative_error(y[1].slice(0, 0, 5), alone[0]), 1e-5);
  EXPECT_EQ(y[1].slice(0, 5).abs().max().item<float>(), 0);
}

TEST(FftBlock, AnAdapterStandsBehindTheLastNorm) {
  torch::manual_seed(3);
  const Block one;
  const SiteList sites = sites_of(one.sites, SiteKind::kAfterFeedForward);
  ASSERT_EQ(sites.size(), 1U);
  AdapterSet adapters;
  adapters.put(sites[0], std::make_shared<const Shift>());
  ForwardContext context;
  context.adapters = std::make_shared<BatchAdapters>(std::make_shared<const AdapterSet>(adapters));
  const Tensor x = torch::randn({1, 6, 16});
  const Tensor plain = one.block.forward(x, ForwardContext{});
  EXPECT_LT(plain.mean().abs().item<double>(), 1e-5);  // normed
  EXPECT_LT(test::relative_error(one.block.forward(x, context), plain + 3), 1e-5);
}

TEST(FftBlock, HasEverySite) {
  const Block one;
  EXPECT_EQ(sites_of(one.sites, SiteKind::kProjection).size(), 5U);  // q, k, v, out, output_dense
  EXPECT_EQ(sites_of(one.sites, SiteKind::kPrefix).size(), 1U);
  EXPECT_EQ(sites_of(one.sites, SiteKind::kAfterAttention).size(), 1U);
  for (const NamedTensor& parameter : one.built) {
    EXPECT_FALSE(parameter.name.find("proj.bias") != std::string::npos) << parameter.name;
  }
}

TEST(BatchNorm, LearnsFromRealFramesAndElseKeepsWhatItHas) {
  torch::manual_seed(4);
  const auto source = seeded_source(1);
  ParameterList built;
  const BatchNorm norm(Scope(*source, built, "norm"), 3);
  const Tensor x = torch::randn({2, 3, 8}) * 2 + 1;
  const Tensor mask = torch::arange(8).unsqueeze(0) < torch::tensor({8, 5}).unsqueeze(1);
  const auto running = [&](const char* name) { return find_tensor(built, name)->clone(); };
  const Tensor before = running("norm.running_mean");
  norm.forward(x, mask, BatchStatistics::kept);
  EXPECT_TRUE(torch::equal(running("norm.running_mean"), before));
  const Tensor y = norm.forward(x, mask, BatchStatistics::learned);
  const Tensor real = x.transpose(1, 2).masked_select(mask.unsqueeze(2)).view({-1, 3});
  EXPECT_LT(test::relative_error(running("norm.running_mean"), 0.1 * real.mean(0)), 1e-5);
  EXPECT_LT(test::relative_error(running("norm.running_var"), 0.9 + 0.1 * real.var(0)), 1e-5);
  const Tensor normed = y.transpose(1, 2).masked_select(mask.unsqueeze(2)).view({-1, 3});
  EXPECT_LT(normed.mean(0).abs().max().item<double>(), 1e-5);
  EXPECT_LT((normed.square().mean(0) - 1).abs().max().item<double>(), 1e-3);
}

}  // namespace
}  // namespace sure
