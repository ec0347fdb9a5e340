#include "fused/residual.h"

#include <torch/torch.h>

#include "core/batch_rows.h"
#include "tests/fused/fused_test.h"

namespace sure::test {
namespace {

using AddNorm = Fused;
SURE_FUSED_TESTS(AddNorm);

TEST_P(AddNorm, EqualsAtens) {
  for (const int64_t width : {1, 15, 16, 48, 100, 768}) {
    for (const bool has_y : {true, false}) {
      SCOPED_TRACE(testing::Message() << width << (has_y ? ", y" : ""));
      const Tensor weight = leaf(random({width})), bias = leaf(random({width}));
      const Tensor reference_weight = leaf(weight), reference_bias = leaf(bias);
      const Tensor x = (random({2, 7, width}) + 3).requires_grad_(), reference_x = leaf(x);
      const Tensor y = has_y ? random({2, 7, width}).requires_grad_() : Tensor();
      const Tensor reference_y = has_y ? leaf(y) : y;
      const auto [sum, normed] = fused::add_norm(x, y, 0.5, /*training=*/false, weight, bias, 1e-5);
      const Tensor rounded_sum = has_y ? reference_x + reference_y : reference_x;
      const Tensor expected = at::layer_norm(rounded_sum, {width}, reference_weight, reference_bias, 1e-5);
      EXPECT_LT(relative_error(sum, rounded_sum), rounding());
      EXPECT_LT(relative_error(normed, expected), has_y ? 2 * rounding_twice() : rounding());
      const Tensor d_normed = random(x.sizes()), d_sum = random(x.sizes());
      (normed * d_normed + sum * d_sum).sum().backward();
      (expected * d_normed.to(at::kFloat) + rounded_sum * d_sum.to(at::kFloat)).sum().backward();
      EXPECT_LT(relative_error(x.grad(), reference_x.grad()), 2 * rounding_twice());
      EXPECT_LT(relative_error(bias.grad(), reference_bias.grad()), rounding());
      EXPECT_TRUE(width == 1 || relative_error(weight.grad(), reference_weight.grad()) < 2 * rounding_twice());
      if (!has_y) continue;
      EXPECT_LT(relative_error(y.grad(), reference_y.grad()), 2 * rounding_twice());
    }
  }
}

TEST_P(AddNorm, DropoutActsOnYAlone) {
  const Tensor x = at::zeros({40, 64}).to(element()).requires_grad_();
  const Tensor y = at::ones({40, 64}).to(element()).requires_grad_();
  const Tensor one = at::ones({64}), zero = at::zeros({64});
  const Tensor sum = fused::add_norm(x, y, 0.25, /*training=*/true, one, zero, 1e-5).sum;
  const Tensor kept = sum.detach().to(at::kFloat) != 0;
  EXPECT_NEAR(kept.to(at::kFloat).mean().item<double>(), 0.75, 0.05);
  sum.sum().backward();
  EXPECT_TRUE(x.grad().to(at::kFloat).equal(at::ones({40, 64})));
  EXPECT_TRUE(y.grad().to(at::kFloat).allclose(kept.to(at::kFloat) / 0.75, 1e-2));
}

TEST_P(AddNorm, RecordsNothingWhereNothingTrains) {
  const Tensor x = random({4, 32});
  EXPECT_FALSE(fused::add_norm(x, x, 0, true, at::ones({32}), at::zeros({32}), 1e-5).normed.requires_grad());
}

using FusedDropout = Fused;
SURE_FUSED_TESTS(FusedDropout);

TEST_P(FusedDropout, HasTheRateTheScaleAndItsOwnGradient) {
  const Tensor x = at::ones({100, 101}).to(element()).requires_grad_();
  const Tensor y = fused::dropout(x, 0.2, /*training=*/true);
  y.sum().backward();
  EXPECT_NEAR(y.detach().to(at::kFloat).mean().item<double>(), 1, 0.02);
  EXPECT_TRUE(x.grad().equal(y.detach()));
  EXPECT_TRUE(fused::dropout(x, 0.2, /*training=*/false).is_same(x));
}

/// Rows 1 and 2 of three, in a process that has no other.
TEST_P(FusedDropout, OfSomeRowsIsThatOfAllRows) {
  const Tensor x = random({3, 5, 67});
  torch::manual_seed(7);
  const Tensor all = fused::dropout(x, 0.3, /*training=*/true);
  torch::manual_seed(7);
  const DrawnForRows rows({1, 2, at::ones({3}, at::kLong)});
  EXPECT_TRUE(fused::dropout(x.narrow(0, 1, 2), 0.3, /*training=*/true).equal(all.narrow(0, 1, 2)));
}

}  // namespace
}  // namespace sure::test
