#include "fused/quantise.h"

#include <ATen/ops/linear.h>
#include <gmock/gmock.h>
#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <limits>

#include "fused/linear.h"
#include "tests/fused/fused_test.h"
#include "tests/support/eight_bits.h"

namespace sure::test {
namespace {

using fused::LinearLayer;
using fused::Quantised;

std::vector<Variant> quantising_variants() {
  std::vector<Variant> all = variants();
  std::erase_if(all, [](const Variant& variant) { return !can_quantise_with(variant.kernels, variant.type); });
  return all;
}

using FusedQuantised = Fused;
INSTANTIATE_TEST_SUITE_P(Kernels, FusedQuantised, testing::ValuesIn(quantising_variants()), name_of);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FusedQuantised);

/// The nearest of 255 steps up to each row's largest number, by ATen.
Tensor rounded_to_8_bits(const Tensor& x) {
  const Tensor value = x.detach().to(at::kFloat), largest = value.abs().amax(-1, true);
  return at::round(value * (127 / largest)) * (largest / 127);
}

/// The same of what was computed, of which some numbers fall on the other side of a step.
double rounding_to_steps() { return element() == at::kBFloat16 ? 2 * rounding_twice() : 1e-3; }

constexpr double kScaling = 0.5;

/// A layer with its weight in 8 bits, and by ATen what it should compute.
struct Layer {
  Layer(int64_t in, int64_t out, int64_t rank) : bias(random({out})) {
    const Tensor weight = random({out, in}, 0.1).to(at::kFloat);
    quantised = fused::quantise_weight(weight);
    rounded_weight = rounded_to_8_bits(weight);
    if (rank == 0) return;
    a = random({rank, in}, 0.1).to(at::kFloat).requires_grad_();
    b = random({out, rank}, 0.3).to(at::kFloat).requires_grad_();
  }

  LinearLayer fused() const { return {quantised.values, bias, {a, b, a.defined() ? kScaling : 0}, quantised.scales}; }

  Tensor forward(const Tensor& x) const {
    const at::NoGradGuard no_gradients;
    const Tensor y = at::linear(rounded_to_8_bits(x), rounded_weight, bias.to(at::kFloat));
    return a.defined() ? y + at::linear(at::linear(x, a), b) * kScaling : y;
  }

  /// Of x, by the gradient of the output, both fp32.
  Tensor backward(const Tensor& dy) const {
    const at::NoGradGuard no_gradients;
    const Tensor dx = rounded_to_8_bits(dy * quantised.scales).matmul(quantised.values.to(at::kFloat));
    return a.defined() ? dx + dy.matmul(b).matmul(a) * kScaling : dx;
  }

  void expect_gradients(const Tensor& x, const Tensor& dy, double tolerance) const {
    if (!a.defined()) return;
    const at::NoGradGuard no_gradients;
    const Tensor rows = x.reshape({-1, x.size(-1)}), d_rows = dy.reshape({-1, dy.size(-1)});
    EXPECT_LT(relative_error(a.grad(), d_rows.matmul(b).t().matmul(rows) * kScaling), tolerance);
    EXPECT_LT(relative_error(b.grad(), d_rows.t().matmul(rows.matmul(a.t())) * kScaling), tolerance);
  }

  Quantised quantised;
  Tensor rounded_weight, bias, a, b;
};

TEST_P(FusedQuantised, LinearsEqualAtensOnRoundedNumbers) {
  struct Case {
    std::array<int64_t, 2> batch;
    int64_t in, out, rank;
  };
  const Case cases[] = {{{1, 1}, 4, 4, 0},      {{1, 7}, 16, 64, 2},     {{3, 41}, 48, 132, 8}, {{2, 63}, 68, 20, 4},
                        {{5, 13}, 768, 96, 8},  {{2, 100}, 128, 200, 0}, {{1, 13}, 36, 4, 18},  {{1, 6}, 3072, 1028, 0},
                        {{2, 61}, 516, 192, 0}, {{1, 12}, 20, 36, 2}};
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << c.batch[0] << " x " << c.batch[1] << ", " << c.in << " -> " << c.out << ", rank "
                                    << c.rank);
    const Layer layer(c.in, c.out, c.rank);
    const Tensor x = random({c.batch[0], c.batch[1], c.in}).requires_grad_(), exact_x = x.detach().to(at::kFloat);
    ASSERT_TRUE(fused::can_fuse(layer.fused(), element()));
    const Tensor y = fused::linears(x, {layer.fused()})[0];
    EXPECT_LT(relative_error(y, layer.forward(exact_x)), rounding_twice());
    const Tensor dy = random(y.sizes()), exact_dy = dy.to(at::kFloat);
    y.backward(dy);
    EXPECT_LT(relative_error(x.grad(), layer.backward(exact_dy)), rounding_to_steps());
    layer.expect_gradients(exact_x, exact_dy, rounding_twice());
  }
}

TEST_P(FusedQuantised, ThreeLayersShareTheirInputsGradient) {
  const std::vector<Layer> layers = {Layer(64, 64, 8), Layer(64, 32, 0), Layer(64, 100, 4)};
  const Tensor x = random({2, 19, 64}).requires_grad_();
  const auto outputs = fused::linears(x, {layers[0].fused(), layers[1].fused(), layers[2].fused()});
  Tensor loss = at::zeros({}), expected = at::zeros({2, 19, 64});
  for (size_t i = 0; i < layers.size(); ++i) {
    const Tensor dy = random(outputs[i].sizes()).to(at::kFloat);
    loss = loss + (outputs[i].to(at::kFloat) * dy).sum();
    expected = expected + layers[i].backward(dy);
  }
  loss.backward();
  EXPECT_LT(relative_error(x.grad(), expected), rounding_to_steps());
}

TEST_P(FusedQuantised, FeedForwardEqualsAtensOnRoundedNumbers) {
  const Layer inner(48, 100, 8), outer(100, 48, 0);
  const Tensor x = random({3, 21, 48}).requires_grad_(), exact_x = x.detach().to(at::kFloat);
  const Tensor y = fused::feed_forward(x, inner.fused(), outer.fused(), 0.1, /*training=*/false);
  const Tensor sum = inner.forward(exact_x).requires_grad_(), hidden = at::gelu(sum);
  EXPECT_LT(relative_error(y, outer.forward(hidden)), rounding_to_steps());
  const Tensor dy = random(y.sizes());
  y.backward(dy);
  hidden.backward(outer.backward(dy.to(at::kFloat)));
  EXPECT_LT(relative_error(x.grad(), inner.backward(sum.grad())), rounding_to_steps());
  inner.expect_gradients(exact_x, sum.grad(), rounding_to_steps());
}

TEST_P(FusedQuantised, LayersOfBothKindsShareAnInput) {
  const Layer quantised(64, 32, 2);
  const Tensor weight = random({16, 64}, 0.1), x = random({2, 19, 64});
  const auto y = fused::linears(x, {quantised.fused(), {weight, {}, {}}});
  EXPECT_LT(relative_error(y[0], quantised.forward(x.to(at::kFloat))), rounding_twice());
  EXPECT_LT(relative_error(y[1], at::linear(x.to(at::kFloat), weight.to(at::kFloat))), rounding_twice());
}

TEST_P(FusedQuantised, WeightsAreTheNearestSteps) {
  const Tensor weight = at::randn({5, 36});
  const Quantised found = fused::quantise_weight(weight);
  EXPECT_EQ(found.values.scalar_type(), at::kChar);
  EXPECT_TRUE(at::allclose(found.scales, weight.abs().amax(1) / 127));
  const Tensor error = (fused::dequantise(found.values, found.scales, at::kFloat) - weight).abs();
  EXPECT_TRUE((error <= found.scales.unsqueeze(1) * 0.5001).all().item<bool>());
}

TEST_P(FusedQuantised, SilenceIsZeroAndWhatIsNotANumberStaysSo) {
  const Layer layer(40, 8, 0);
  Tensor x = random({3, 40});
  x[0].zero_();
  x[1][39] = std::numeric_limits<float>::quiet_NaN();
  x[2][0] = std::numeric_limits<float>::infinity();
  const Tensor y = fused::linears(x, {layer.fused()})[0];
  EXPECT_TRUE(y[0].equal(layer.bias));
  EXPECT_FALSE(y.slice(0, 1).isfinite().any().item<bool>());
}

TEST_P(FusedQuantised, OtherSizesAreNotForTheKernels) {
  const Layer narrow(6, 16, 0), odd(8, 6, 0), even(8, 16, 0);
  EXPECT_FALSE(fused::can_fuse(narrow.fused(), element()));
  EXPECT_FALSE(fused::can_fuse(odd.fused(), element()));
  EXPECT_TRUE(fused::can_fuse(even.fused(), element()));
  const kernels::ScopedKernels none("aten");
  EXPECT_FALSE(fused::can_fuse(even.fused(), element()));
}

}  // namespace
}  // namespace sure::test
