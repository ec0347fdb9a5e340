#include "nn/recompute.h"

#include <gtest/gtest.h>

namespace sure {
namespace {

struct Gradients {
  Tensor output, input, weight;
};

/// Gradients of a layer with dropout, plainly or recomputed.
Gradients gradients(bool recompute, bool input_needs_gradient) {
  torch::manual_seed(4);
  const Tensor weight = torch::randn({8, 8}).requires_grad_();
  const Tensor x = torch::randn({3, 8}).requires_grad_(input_needs_gradient);
  const auto layer = [&](const Tensor& h) { return at::dropout(at::tanh(at::matmul(h, weight)), 0.5, true); };
  const Tensor y = recompute ? recompute_in_backward(layer, x) : layer(x);
  (y * torch::randn({3, 8})).sum().backward();
  return {y.detach(), x.grad(), weight.grad()};
}

TEST(Recompute, EqualsThePlainLayerWithTheSameDropout) {
  const Gradients plain = gradients(false, true);
  const Gradients recomputed = gradients(true, true);
  EXPECT_TRUE(torch::equal(recomputed.output, plain.output));
  EXPECT_TRUE(torch::equal(recomputed.input, plain.input));
  EXPECT_TRUE(torch::equal(recomputed.weight, plain.weight));
}

TEST(Recompute, ReachesTheWeightsWhenTheInputNeedsNoGradient) {
  const Gradients plain = gradients(false, false);
  const Gradients recomputed = gradients(true, false);
  EXPECT_FALSE(recomputed.input.defined());
  EXPECT_TRUE(torch::equal(recomputed.weight, plain.weight));
}

TEST(Recompute, LeavesTheGeneratorWhereThePlainLayerLeavesIt) {
  gradients(false, true);
  const Tensor after_plain = torch::rand({4});
  gradients(true, true);
  EXPECT_TRUE(torch::equal(torch::rand({4}), after_plain));
}

}  // namespace
}  // namespace sure
