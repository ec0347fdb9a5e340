#include "fused/record.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace sure::test {
namespace {

/// x², whose backward holds its own output, as attention's does, and `kept`.
Tensor square(const Tensor& x, const std::shared_ptr<int>& kept) {
  const Tensor y = x.detach().square();
  const auto backward = [x = x.detach(), y, kept](const std::vector<Tensor>& gradients) {
    return std::vector<Tensor>{2 * x * gradients[0]};
  };
  return fused::record({x}, {y}, backward)[0];
}

TEST(Record, GivesTheGradientThatTheOperationComputes) {
  const Tensor x = at::tensor({3.0, -2.0}).requires_grad_();
  square(x, nullptr).sum().backward();
  EXPECT_TRUE(at::equal(x.grad(), at::tensor({6.0, -4.0})));
}

TEST(Record, AnOutputWithoutBackwardPassFreesWhatItsOperationHolds) {
  const Tensor x = at::ones({2}).requires_grad_();
  auto kept = std::make_shared<int>();
  const std::weak_ptr<int> seen = kept;
  Tensor y = square(x, std::exchange(kept, nullptr));
  EXPECT_FALSE(seen.expired());
  y.reset();
  EXPECT_TRUE(seen.expired());
}

TEST(Record, WithoutInputsThatTrainTheOutputsAreLeftAlone) {
  const Tensor y = square(at::ones({2}), nullptr);
  EXPECT_FALSE(y.requires_grad());
}

}  // namespace
}  // namespace sure::test
