#include "nn/attention.h"

#include <gtest/gtest.h>

#include "nn/conv_front_end.h"

namespace sure {
namespace {

class SelfAttentionTest : public testing::Test {
 protected:
  SelfAttentionTest() : source_(seeded_source(5)), attention_(Scope(*source_, built_, "", &sites_), 12, 3, 0.0) {
    torch::manual_seed(2);
    x_ = torch::randn({2, 9, 12});
  }

  ParameterList built_;
  SiteList sites_;
  std::unique_ptr<ParameterSource> source_;
  SelfAttention attention_;
  Tensor x_;
};

TEST_F(SelfAttentionTest, DoesNotSeeMaskedFrames) {
  const Tensor mask = mask_of_lengths(torch::tensor({9, 5}), 9, x_);
  const Tensor alone = attention_.forward(x_.narrow(0, 1, 1).narrow(1, 0, 5), {});
  const Tensor padded = attention_.forward(x_, {false, mask}).narrow(0, 1, 1).narrow(1, 0, 5);
  EXPECT_TRUE(torch::allclose(padded, alone, 1e-5, 1e-6));
}

class FixedPrefix : public AttentionPrefix {
 public:
  std::pair<Tensor, Tensor> forward(int64_t batch, const ForwardContext&) const override {
    return {torch::full({batch, 2, 12}, 0.5), torch::full({batch, 2, 12}, 3.0)};
  }
};

TEST_F(SelfAttentionTest, PrefixIsSeenByEveryRowAndNeverMasked) {
  const auto adapters = std::make_shared<AdapterSet>();
  adapters->put(sites_of(sites_, SiteKind::kPrefix).front(), std::make_shared<FixedPrefix>());
  const auto all_rows = std::make_shared<BatchAdapters>(adapters);
  const Tensor mask = mask_of_lengths(torch::tensor({9, 5}), 9, x_);
  const Tensor clip = x_.narrow(0, 1, 1).narrow(1, 0, 5), alone = attention_.forward(clip, {false, {}, all_rows});
  const Tensor padded = attention_.forward(x_, {false, mask, all_rows}).narrow(0, 1, 1).narrow(1, 0, 5);
  EXPECT_TRUE(torch::allclose(padded, alone, 1e-5, 1e-6));
  EXPECT_FALSE(torch::allclose(attention_.forward(clip, {}), alone, 1e-2, 1e-2));
}

}  // namespace
}  // namespace sure
