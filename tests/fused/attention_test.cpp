#include "fused/attention.h"

#include <torch/torch.h>

#include "tests/fused/fused_test.h"

namespace sure::test {
namespace {

using FusedAttention = Fused;
SURE_FUSED_TESTS(FusedAttention);

struct Case {
  int64_t clips, heads, width, queries, keys;
};

Tensor split_heads(const Tensor& x, int64_t heads) { return x.view({x.size(0), x.size(1), heads, -1}).transpose(1, 2); }

Tensor reference(const Tensor& q, const Tensor& k, const Tensor& v, int64_t heads, const Tensor& lengths) {
  std::optional<Tensor> mask;
  if (lengths.defined()) mask = (at::arange(k.size(1)).unsqueeze(0) < lengths.unsqueeze(1)).unsqueeze(1).unsqueeze(1);
  return at::scaled_dot_product_attention(split_heads(q, heads), split_heads(k, heads), split_heads(v, heads), mask)
      .transpose(1, 2)
      .reshape_as(q);
}

TEST_P(FusedAttention, EqualsAtensWithAndWithoutPadding) {
  const Case cases[] = {{1, 1, 2, 1, 1},      {2, 3, 16, 17, 17}, {2, 12, 64, 124, 124}, {3, 2, 80, 49, 49},
                        {1, 2, 64, 200, 131}, {2, 4, 8, 33, 65},  {1, 1, 128, 100, 300}};
  for (const Case& c : cases) {
    for (const bool padded : {false, true}) {
      SCOPED_TRACE(testing::Message() << c.clips << " x " << c.heads << " x " << c.width << ", " << c.queries << " by "
                                      << c.keys << (padded ? ", padded" : ""));
      const int64_t size = c.heads * c.width;
      Tensor lengths;
      if (padded) {
        lengths = at::randint(1, c.keys + 1, {c.clips}, at::kLong);
        lengths[0] = c.keys;
      }
      std::vector<Tensor> inputs, leaves;
      for (const int64_t rows : {c.queries, c.keys, c.keys}) {
        inputs.push_back(random({c.clips, rows, size}).requires_grad_());
        leaves.push_back(leaf(inputs.back()));
      }
      const Tensor y = fused::attention(inputs[0], inputs[1], inputs[2], c.heads, lengths, 0.1, /*training=*/false);
      const Tensor expected = reference(leaves[0], leaves[1], leaves[2], c.heads, lengths);
      EXPECT_LT(relative_error(y, expected), rounding_twice());
      const Tensor dy = random(y.sizes());
      y.backward(dy);
      expected.backward(dy.to(at::kFloat));
      for (size_t i = 0; i < inputs.size(); ++i) {
        // One key alone: its weight is 1 whatever q and k are, so that their gradients are 0.
        if (c.keys == 1 && i < 2) continue;
        EXPECT_LT(relative_error(inputs[i].grad(), leaves[i].grad()), 2 * rounding_twice()) << "input " << i;
      }
    }
  }
}

/// The bias as a matrix [B, H, T, K].
Tensor bias_matrix(const fused::RelativeBias& bias, int64_t prefix) {
  const int64_t frames = bias.gate.size(2);
  const Tensor index = at::arange(frames).unsqueeze(0) - at::arange(frames).unsqueeze(1) + frames - 1;
  const Tensor by_distance = bias.table.index({at::indexing::Slice(), index});  // [H, T, T]
  return at::constant_pad_nd(bias.gate.unsqueeze(3) * by_distance.unsqueeze(0), {prefix, 0});
}

TEST_P(FusedAttention, BiasByDistanceEqualsAMatrix) {
  struct Biased {
    int64_t clips, heads, width, frames, prefix;
  };
  const Biased cases[] = {
      {1, 1, 2, 1, 0}, {2, 3, 16, 17, 0}, {2, 12, 64, 124, 30}, {3, 2, 80, 49, 5}, {1, 2, 64, 200, 1}};
  for (const Biased& c : cases) {
    for (const bool padded : {false, true}) {
      SCOPED_TRACE(testing::Message() << c.heads << " x " << c.width << ", " << c.frames << " behind " << c.prefix
                                      << (padded ? ", padded" : ""));
      const int64_t size = c.heads * c.width, keys = c.prefix + c.frames;
      const Tensor lengths = padded ? c.prefix + at::randint(1, c.frames + 1, {c.clips}, at::kLong) : Tensor();
      std::vector<Tensor> inputs, leaves;
      for (const int64_t rows : {c.frames, keys, keys}) {
        inputs.push_back(random({c.clips, rows, size}).requires_grad_());
        leaves.push_back(leaf(inputs.back()));
      }
      fused::RelativeBias bias = {at::randn({c.heads, 2 * c.frames - 1}), at::rand({c.clips, c.heads, c.frames}) + 1};
      fused::RelativeBias expected_bias = {leaf(bias.table), leaf(bias.gate)};
      bias.table.requires_grad_();
      bias.gate.requires_grad_();
      Tensor mask = bias_matrix(expected_bias, c.prefix);
      if (padded) {
        const Tensor heard = (at::arange(keys).unsqueeze(0) < lengths.unsqueeze(1)).unsqueeze(1).unsqueeze(1);
        mask = mask.masked_fill(heard.logical_not(), -std::numeric_limits<double>::infinity());
      }
      const Tensor y = fused::attention(inputs[0], inputs[1], inputs[2], c.heads, lengths, 0, true, bias);
      const Tensor expected =
          at::scaled_dot_product_attention(split_heads(leaves[0], c.heads), split_heads(leaves[1], c.heads),
                                           split_heads(leaves[2], c.heads), mask)
              .transpose(1, 2)
              .reshape_as(y);
      EXPECT_LT(relative_error(y, expected), rounding_twice());
      const Tensor dy = random(y.sizes());
      y.backward(dy);
      expected.backward(dy.to(at::kFloat));
      for (size_t i = 0; i < inputs.size(); ++i) {
        if (keys == 1 && i < 2) continue;
        EXPECT_LT(relative_error(inputs[i].grad(), leaves[i].grad()), 2 * rounding_twice()) << "input " << i;
      }
      if (keys == 1) continue;
      EXPECT_LT(relative_error(bias.table.grad(), expected_bias.table.grad()), 2 * rounding_twice());
      EXPECT_LT(relative_error(bias.gate.grad(), expected_bias.gate.grad()), 2 * rounding_twice());
    }
  }
}

TEST_P(FusedAttention, PaddingGetsNoGradient) {
  const Tensor q = random({1, 9, 16}), k = random({1, 9, 16}).requires_grad_(), v = random({1, 9, 16}).requires_grad_();
  fused::attention(q, k, v, 2, at::full({1}, 5, at::kLong), 0, true).sum().backward();
  for (const Tensor& x : {k, v}) {
    EXPECT_GT(x.grad().narrow(1, 0, 5).abs().sum().item<double>(), 0);
    EXPECT_EQ(x.grad().narrow(1, 5, 4).abs().sum().item<double>(), 0);
  }
}

TEST_P(FusedAttention, GradientsBelongToTheDropoutOfTheForwardPass) {
  // The output is linear in v for a fixed mask: its gradient by v, applied to v, gives the output's sum.
  const Tensor q = random({2, 30, 32}), k = random({2, 30, 32}), v = random({2, 30, 32}).requires_grad_();
  const Tensor y = fused::attention(q, k, v, 2, {}, 0.3, /*training=*/true);
  const Tensor weight = random(y.sizes());
  y.backward(weight);
  const double expected = (y.detach().to(at::kFloat) * weight.to(at::kFloat)).sum().item<double>();
  const double found = (v.grad().to(at::kFloat) * v.detach().to(at::kFloat)).sum().item<double>();
  const double size = y.detach().to(at::kFloat).norm().item<double>();
  EXPECT_NEAR(found, expected, 0.02 * size);
  EXPECT_FALSE(fused::attention(q, k, v, 2, {}, 0.3, true).equal(y)) << "another mask each time";
}

TEST_P(FusedAttention, DropoutsQueryGradientIsTheSlope) {
  // Against finite differences of the same mask, which the same seed gives.
  const Tensor k = random({1, 12, 16}), v = random({1, 12, 16}), weight = random({1, 12, 16}).to(at::kFloat);
  const auto loss = [&](const Tensor& q) {
    torch::manual_seed(5);
    return (fused::attention(q, k, v, 1, {}, 0.3, true).to(at::kFloat) * weight).sum();
  };
  const Tensor q = random({1, 12, 16}).requires_grad_();
  loss(q).backward();
  const Tensor step = q.grad().detach() / q.grad().norm();
  const auto moved = [&](double by) {
    return loss((q.detach().to(at::kFloat) + by * step.to(at::kFloat)).to(element())).item<double>();
  };
  EXPECT_NEAR((moved(1) - moved(-1)) / 2, q.grad().norm().item<double>(), 0.15 * q.grad().norm().item<double>());
}

}  // namespace
}  // namespace sure::test
