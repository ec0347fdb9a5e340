#include "nn/conv1d.h"

#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "tests/support/close.h"

namespace sure {

TEST(Conv1d, IsRightInBfloat16ForFewInputsPerGroup) {
  at::manual_seed(1);
  for (const int64_t inputs : {1, 2, 8, 12, 15, 16, 48}) {
    for (const int64_t kernel : {1, 3, 16, 128}) {
      SCOPED_TRACE(fmt::format("{} inputs, kernel {}", inputs, kernel));
      const int64_t groups = 2;
      const Tensor x = at::randn({2, inputs * groups, 60}).to(at::kBFloat16);
      const Tensor weight = at::randn({8, inputs, kernel}).to(at::kBFloat16);
      const Tensor bias = at::randn({8}).to(at::kBFloat16);
      const Tensor expected =
          conv1d(x.to(at::kFloat), weight.to(at::kFloat), bias.to(at::kFloat), 1, kernel / 2, groups);
      const Tensor found = conv1d(x, weight, bias, 1, kernel / 2, groups);
      EXPECT_EQ(found.scalar_type(), at::kBFloat16);
      EXPECT_LT(test::relative_error(found.to(at::kFloat), expected), 0.02);
    }
  }
}

}  // namespace sure
