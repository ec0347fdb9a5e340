#include "fused/depthwise.h"

#include <torch/torch.h>

#include "tests/fused/fused_test.h"

namespace sure::test {
namespace {

using Depthwise = Fused;
SURE_FUSED_TESTS(Depthwise);
using fused::DepthwiseWeights;

DepthwiseWeights random_weights(int64_t channels, int64_t k1, int64_t k2, int64_t k3) {
  const int64_t inner = channels / 2;
  return {at::randn({inner, 2, k1}).requires_grad_(), at::randn({inner, 1, k2}).requires_grad_(),
          at::randn({channels, 1, k3}).requires_grad_()};
}

DepthwiseWeights copy_of(const DepthwiseWeights& w) { return {leaf(w.down), leaf(w.mid), leaf(w.up)}; }

/// By torch's convolutions, channels first, frames behind `lengths` silent.
fused::DepthwiseResult reference(const Tensor& x, const DepthwiseWeights& w, const Tensor& lengths) {
  const Tensor mask = (at::arange(x.size(1)).unsqueeze(0) < lengths.unsqueeze(1)).unsqueeze(1).to(at::kFloat);
  const auto conv = [&](const Tensor& in, const Tensor& weight) {
    return at::conv1d(in * mask, weight, {}, 1, weight.size(2) / 2, 1, w.mid.size(0)) * mask;
  };
  const Tensor y = conv(conv(at::relu(conv(x.transpose(1, 2), w.down)), w.mid), w.up);
  return {y.transpose(1, 2), y.sum(2) / mask.sum(2)};
}

TEST_P(Depthwise, EqualsAtens) {
  struct Case {
    int64_t clips, frames, channels, k1, k2, k3;
    bool padded;
  };
  const Case cases[] = {
      {2, 12, 32, 3, 5, 3, false}, {3, 31, 50, 3, 5, 3, true}, {1, 2, 2, 5, 7, 1, false}, {2, 124, 96, 1, 31, 3, true}};
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << c.clips << " x " << c.frames << " x " << c.channels);
    const DepthwiseWeights weights = random_weights(c.channels, c.k1, c.k2, c.k3), copies = copy_of(weights);
    const Tensor x = random({c.clips, c.frames, c.channels}).requires_grad_(), reference_x = leaf(x);
    Tensor lengths = at::full({c.clips}, c.frames, at::kLong);
    if (c.padded) lengths[c.clips - 1] = c.frames / 2;
    const auto [y, mean] = fused::depthwise_chain(x, weights, c.padded ? lengths : Tensor());
    const auto [expected, expected_mean] = reference(reference_x, copies, lengths);
    EXPECT_LT(relative_error(y, expected), rounding());
    EXPECT_LT(relative_error(mean, expected_mean), 1e-5);
    const Tensor dy = random(y.sizes()), d_mean = at::randn(mean.sizes());
    ((y * dy).sum() + (mean * d_mean).sum()).backward();
    ((expected * dy.to(at::kFloat)).sum() + (expected_mean * d_mean).sum()).backward();
    EXPECT_LT(relative_error(x.grad(), reference_x.grad()), rounding());
    EXPECT_LT(relative_error(weights.down.grad(), copies.down.grad()), 1e-4);
    EXPECT_LT(relative_error(weights.mid.grad(), copies.mid.grad()), 1e-4);
    EXPECT_LT(relative_error(weights.up.grad(), copies.up.grad()), 1e-4);
  }
}

TEST_P(Depthwise, OtherShapesAreAtens) {
  const Tensor lengths = at::tensor({9, 5});
  const std::pair<const char*, DepthwiseWeights> cases[] = {
      {"too wide a kernel", random_weights(32, 3, 33, 3)},
      {"a quarter of the channels", {at::randn({8, 4, 3}), at::randn({8, 1, 5}), at::randn({32, 1, 3})}}};
  for (const auto& [what, weights] : cases) {
    SCOPED_TRACE(what);
    const Tensor x = random({2, 9, 32});
    const auto [y, mean] = fused::depthwise_chain(x, weights, lengths);
    const auto [expected, expected_mean] = reference(x.to(at::kFloat), weights, lengths);
    EXPECT_LT(relative_error(y, expected), rounding_twice());  // libtorch rounds after each convolution
    EXPECT_LT(relative_error(mean, expected_mean), rounding_twice());
  }
}

}  // namespace
}  // namespace sure::test
