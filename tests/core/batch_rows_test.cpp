#include "core/batch_rows.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace sure {
namespace {

using at::Tensor;

TEST(BatchRows, DropoutOfSomeRowsIsThatOfAllRows) {
  const Tensor x = torch::randn({4, 3, 50});
  torch::manual_seed(7);
  const Tensor all = dropout_of_rows(x, 0.3, /*training=*/true);
  torch::manual_seed(7);
  EXPECT_TRUE(at::dropout(x, 0.3, true).equal(all));
  torch::manual_seed(7);
  {
    const DrawnForRows rows({1, 2, torch::ones({4}, torch::kLong)});
    EXPECT_TRUE(dropout_of_rows(x.narrow(0, 1, 2), 0.3, true).equal(all.narrow(0, 1, 2)));
  }
  EXPECT_EQ(rows_here().here, 0);
}

}  // namespace
}  // namespace sure
