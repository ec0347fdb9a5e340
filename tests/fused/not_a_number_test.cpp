// A NaN that goes into a kernel comes out as NaN, whatever its bits are, and does not touch what does not depend on it.
#include <torch/torch.h>

#include <limits>

#include "fused/attention.h"
#include "fused/convolution.h"
#include "fused/depthwise.h"
#include "fused/linear.h"
#include "fused/residual.h"
#include "tests/fused/fused_test.h"

namespace sure::test {
namespace {

using NotANumber = Fused;
SURE_FUSED_TESTS(NotANumber);

/// NaNs whose low bits are clear and set: what is added to the bits of the second can make it a number.
std::vector<Tensor> nans() {
  return {at::full({}, std::numeric_limits<float>::quiet_NaN()), at::full({}, -1, at::kInt).view(at::kFloat)};
}

void expect_nan(const Tensor& x) { EXPECT_TRUE(x.isnan().all().item<bool>()) << x; }
void expect_finite(const Tensor& x) { EXPECT_TRUE(x.isfinite().all().item<bool>()) << x; }

TEST_P(NotANumber, PassesThroughAttention) {
  for (const Tensor& nan : nans()) {
    for (const int64_t keys : {1, 7, 40}) {
      Tensor q = random({1, 50, 16}), k = random({1, keys, 16}), v = random({1, keys, 16});
      q[0][3][5] = nan;  // of head 0
      q.requires_grad_();
      k.requires_grad_();
      const Tensor y = fused::attention(q, k, v, 2, {}, 0, false);
      expect_nan(y[0][3].narrow(0, 0, 8));
      expect_finite(y[0][3].narrow(0, 8, 8));
      expect_finite(y[0].narrow(0, 4, 46));
      y.sum().backward();
      expect_nan(q.grad()[0][3].narrow(0, 0, 8));
      expect_nan(k.grad()[0].narrow(1, 0, 8));
    }
    Tensor q = random({1, 3, 8}), k = random({1, 20, 8}), v = random({1, 20, 8});
    k[0][17][2] = nan;
    expect_nan(fused::attention(q, k, v, 1, {}, 0, false));
    expect_finite(fused::attention(q, k, v, 1, at::full({1}, 17, at::kLong), 0, false));
  }
}

TEST_P(NotANumber, PassesThroughLinearLayersAndGelu) {
  for (const Tensor& nan : nans()) {
    Tensor x = random({1, 5, 32});
    x[0][2][7] = nan;
    const fused::LinearLayer inner = {random({24, 32}), random({24}), {}}, outer = {random({32, 24}), random({32}), {}};
    for (const Tensor& y : {fused::linears(x, {inner})[0], fused::feed_forward(x, inner, outer, 0, false)}) {
      expect_nan(y[0][2]);
      expect_finite(y[0].narrow(0, 0, 2));
      expect_finite(y[0].narrow(0, 3, 2));
    }
  }
}

TEST_P(NotANumber, PassesThroughNorms) {
  const Tensor one = at::ones({40}), zero = at::zeros({40});
  for (const Tensor& nan : nans()) {
    Tensor x = random({1, 3, 40}), y = random({1, 3, 40});
    y[0][1][39] = nan;
    expect_nan(fused::add_norm(x, y, 0, false, one, zero, 1e-5).normed[0][1]);
    expect_nan(fused::norm_gelu(y, one, zero, 1e-5)[0][1]);
    expect_finite(fused::norm_gelu(y, one, zero, 1e-5)[0][2]);
    expect_nan(fused::dropout(at::full({64}, nan.item<float>()).to(element()), 0.5, true));
  }
}

TEST_P(NotANumber, ComesOfNormsThatOverflow) {
  const Tensor one = at::ones({40}), zero = at::zeros({40});
  Tensor x = random({1, 3, 40});
  x[0][1][7] = 3e30;  // whose square is infinite
  EXPECT_FALSE(fused::norm_gelu(x, one, zero, 1e-5)[0][1].isfinite().all().item<bool>());
  expect_finite(fused::norm_gelu(x, one, zero, 1e-5)[0][2]);
  EXPECT_FALSE(fused::add_norm(x, x, 0, false, one, zero, 1e-5).normed[0][1].isfinite().all().item<bool>());
  Tensor weight = at::randn({24, 1, 10});
  weight[3][0][2] = 3e38;
  const Tensor y = fused::first_conv_normed(at::randn({1, 100}), weight, 5, at::ones({24}), at::zeros({24}), 1e-5, {},
                                            nullptr, element());
  expect_nan(y[0].select(1, 3));
  expect_finite(y[0].narrow(1, 4, 20));
}

TEST_P(NotANumber, PassesThroughConvolutions) {
  for (const Tensor& nan : nans()) {
    Tensor x = random({1, 9, 16});
    x[0][4][3] = nan;
    const Tensor taps = fused::taps_first(random({20, 16, 3}), element());
    const Tensor y = fused::conv(x, taps, {}, 1, /*gelu=*/true);
    expect_nan(y[0].narrow(0, 2, 3));
    expect_finite(y[0].narrow(0, 0, 2));
    Tensor audio = at::randn({1, 100});
    audio[0][50] = nan;
    const Tensor weight = at::randn({24, 1, 10});
    expect_nan(fused::first_conv(audio, weight, {}, 5, element())[0][9]);
    expect_nan(
        fused::first_conv_normed(audio, weight, 5, at::ones({24}), at::zeros({24}), 1e-5, {}, nullptr, element()));
    const Tensor positions = fused::taps_first(random({16, 4, 5}), element()).view({4, 4, -1});
    expect_nan(fused::positional_conv(x, positions, random({16}))[0][4].narrow(0, 0, 4));
  }
}

TEST_P(NotANumber, PassesThroughTheConvAdapter) {
  for (const Tensor& nan : nans()) {
    Tensor x = random({1, 9, 32});
    x[0][4][3] = nan;
    const fused::DepthwiseWeights weights = {at::randn({16, 2, 1}), at::randn({16, 1, 1}), at::randn({32, 1, 1})};
    const fused::DepthwiseResult result = fused::depthwise_chain(x, weights, {});
    expect_nan(result.y[0][4].narrow(0, 2, 2));
    expect_nan(result.mean[0].narrow(0, 2, 2));
    expect_finite(result.y[0][5]);
  }
}

}  // namespace
}  // namespace sure::test
