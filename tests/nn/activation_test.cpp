#include "nn/activation.h"

#include <gmock/gmock.h>

#include "tests/support/errors.h"

namespace sure {
namespace {

TEST(FindActivation, KnowsTheNamesOfHuggingFaceConfigs) {
  const Tensor x = torch::linspace(-3, 3, 7);
  EXPECT_TRUE(torch::allclose(find_activation("gelu")(x), x * 0.5 * (1 + at::erf(x / std::sqrt(2.0))), 1e-5, 1e-6));
  EXPECT_TRUE(torch::equal(find_activation("relu")(x), x.clamp_min(0)));
  EXPECT_TRUE(torch::allclose(find_activation("swish")(x), x * at::sigmoid(x)));
}

TEST(FindActivation, ListsTheKnownOnes) {
  EXPECT_THAT(test::message_of([] { find_activation("tanhish"); }),
              testing::HasSubstr("unknown activation 'tanhish': use one of gelu"));
}

}  // namespace
}  // namespace sure
