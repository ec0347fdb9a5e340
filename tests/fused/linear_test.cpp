#include "fused/linear.h"

#include <torch/torch.h>

#include <array>

#include "tests/fused/fused_test.h"

namespace sure::test {
namespace {

using fused::LinearLayer;

struct Layer {
  Layer(int64_t in, int64_t out, int64_t rank)
      : weight(random({out, in}, 0.1)), bias(random({out})), scaling(rank == 0 ? 0 : 0.5) {
    if (rank == 0) return;
    a = random({rank, in}, 0.1).to(at::kFloat).requires_grad_();
    b = random({out, rank}, 0.3).to(at::kFloat).requires_grad_();
    a_copy = leaf(a);
    b_copy = leaf(b);
  }

  LinearLayer fused() const { return {weight, bias, {a, b, scaling}}; }

  Tensor reference(const Tensor& x) const {
    const Tensor y = at::linear(x, weight.to(at::kFloat), bias.to(at::kFloat));
    return a.defined() ? y + at::linear(at::linear(x, a_copy), b_copy) * scaling : y;
  }

  void expect_same_gradients() const {
    if (!a.defined()) return;
    EXPECT_LT(relative_error(a.grad(), a_copy.grad()), rounding_twice());
    EXPECT_LT(relative_error(b.grad(), b_copy.grad()), rounding_twice());
  }

  Tensor weight, bias, a, b, a_copy, b_copy;
  double scaling;
};

using FusedLinears = Fused;
SURE_FUSED_TESTS(FusedLinears);

TEST_P(FusedLinears, EqualAtensOnOddAndEvenSizes) {
  struct Case {
    std::array<int64_t, 2> batch;
    int64_t in, out, rank;
  };
  const Case cases[] = {{{1, 1}, 2, 2, 0},     {{1, 7}, 16, 64, 2},      {{3, 41}, 48, 130, 8}, {{2, 63}, 66, 20, 4},
                        {{5, 13}, 768, 96, 8}, {{2, 100}, 128, 200, 18}, {{1, 13}, 34, 4, 0}};
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << c.batch[0] << " x " << c.batch[1] << ", " << c.in << " -> " << c.out << ", rank "
                                    << c.rank);
    const Layer layer(c.in, c.out, c.rank);
    const Tensor x = random({c.batch[0], c.batch[1], c.in}).requires_grad_(), reference_x = leaf(x);
    ASSERT_TRUE(fused::can_fuse(layer.fused(), element()));
    const Tensor y = fused::linears(x, {layer.fused()})[0], expected = layer.reference(reference_x);
    ASSERT_EQ(y.sizes(), expected.sizes());
    EXPECT_LT(relative_error(y, expected), rounding_twice());
    const Tensor dy = random(y.sizes());
    y.backward(dy);
    expected.backward(dy.to(at::kFloat));
    EXPECT_LT(relative_error(x.grad(), reference_x.grad()), rounding_twice());
    layer.expect_same_gradients();
  }
}

TEST_P(FusedLinears, ThreeLayersShareTheirInputsGradient) {
  const std::vector<Layer> layers = {Layer(64, 64, 8), Layer(64, 64, 0), Layer(64, 32, 4)};
  const Tensor x = random({2, 19, 64}).requires_grad_(), reference_x = leaf(x);
  const auto outputs = fused::linears(x, {layers[0].fused(), layers[1].fused(), layers[2].fused()});
  Tensor loss = at::zeros({}), expected = at::zeros({});
  for (size_t i = 0; i < layers.size(); ++i) {
    const Tensor weight = random(outputs[i].sizes()).to(at::kFloat);
    loss = loss + (outputs[i].to(at::kFloat) * weight).sum();
    expected = expected + (layers[i].reference(reference_x) * weight).sum();
  }
  loss.backward();
  expected.backward();
  EXPECT_LT(relative_error(x.grad(), reference_x.grad()), rounding_twice());
  for (const Layer& layer : layers) layer.expect_same_gradients();
}

TEST_P(FusedLinears, AnUnusedOutputHasNoGradient) {
  const Layer used(16, 16, 2), unused(16, 16, 2);
  const Tensor x = random({1, 5, 16});
  fused::linears(x, {used.fused(), unused.fused()})[0].sum().backward();
  EXPECT_TRUE(used.a.grad().defined());
  EXPECT_FALSE(unused.a.grad().defined());
}

TEST_P(FusedLinears, TrainedWeightsHaveFp32Gradients) {
  const Layer first(20, 34, 0), second(34, 6, 0);
  std::vector<Tensor> trained, reference;
  for (const Tensor& value : {first.weight, first.bias, second.weight, second.bias}) {
    trained.push_back(leaf(value));
    reference.push_back(leaf(value));
  }
  const Tensor x = random({3, 7, 20}), dy = random({3, 7, 6});
  fused::feed_forward(x, {trained[0], trained[1], {}}, {trained[2], trained[3], {}}, 0, true).backward(dy);
  at::linear(at::gelu(at::linear(x.to(at::kFloat), reference[0], reference[1])), reference[2], reference[3])
      .backward(dy.to(at::kFloat));
  for (size_t i = 0; i < trained.size(); ++i) {
    EXPECT_EQ(trained[i].grad().scalar_type(), at::kFloat);
    EXPECT_LT(relative_error(trained[i].grad(), reference[i].grad()), rounding_twice()) << i;
  }
}

TEST_P(FusedLinears, LeaveOddLayersToAten) {
  EXPECT_FALSE(fused::can_fuse(Layer(15, 16, 0).fused(), element()));
  EXPECT_FALSE(fused::can_fuse(Layer(16, 16, 3).fused(), element()));
}

using FusedFeedForward = Fused;
SURE_FUSED_TESTS(FusedFeedForward);

TEST_P(FusedFeedForward, EqualsAtens) {
  for (const auto& [inner_rank, outer_rank] : {std::pair(0, 0), std::pair(8, 8), std::pair(0, 4), std::pair(4, 0)}) {
    SCOPED_TRACE(testing::Message() << "ranks " << inner_rank << ", " << outer_rank);
    const Layer inner(48, 100, inner_rank), outer(100, 48, outer_rank);
    const Tensor x = random({3, 21, 48}).requires_grad_(), reference_x = leaf(x);
    const Tensor y = fused::feed_forward(x, inner.fused(), outer.fused(), 0.1, /*training=*/false);
    const Tensor expected = outer.reference(at::gelu(inner.reference(reference_x)));
    EXPECT_LT(relative_error(y, expected), rounding_twice());
    const Tensor dy = random(y.sizes());
    y.backward(dy);
    expected.backward(dy.to(at::kFloat));
    EXPECT_LT(relative_error(x.grad(), reference_x.grad()), rounding_twice());
    inner.expect_same_gradients();
    outer.expect_same_gradients();
  }
}

TEST_P(FusedFeedForward, DropoutKeepsTheMeanAndIsTheSameInTheBackwardPass) {
  // The outer layer is the identity: y shows which hidden values were kept, dx that the same ones have a gradient.
  Layer inner(64, 64, 0), outer(64, 64, 0);
  for (Layer* layer : {&inner, &outer}) {
    layer->weight = at::eye(64).to(element());
    layer->bias.zero_();
  }
  const Tensor x = at::full({1, 2000, 64}, 1.0).to(element()).requires_grad_();
  const Tensor y = fused::feed_forward(x, inner.fused(), outer.fused(), 0.25, /*training=*/true);
  y.backward(at::ones_like(y));
  const Tensor kept = y.to(at::kFloat) != 0;
  EXPECT_NEAR(kept.to(at::kFloat).mean().item<double>(), 0.75, 0.01);
  EXPECT_NEAR(y.to(at::kFloat).mean().item<double>(), at::gelu(at::ones({1})).item<double>(), 0.01);
  EXPECT_TRUE(kept.equal(x.grad().to(at::kFloat) != 0));
}

TEST_P(FusedFeedForward, DropoutFollowsTorchsSeed) {
  const Layer inner(32, 64, 0), outer(64, 32, 0);
  const Tensor x = random({1, 9, 32});
  const auto run = [&](uint64_t seed) {
    torch::manual_seed(seed);
    return fused::feed_forward(x, inner.fused(), outer.fused(), 0.5, /*training=*/true);
  };
  const Tensor first = run(3);
  EXPECT_FALSE(run(4).equal(first));
  EXPECT_TRUE(run(3).equal(first));
}

}  // namespace
}  // namespace sure::test
