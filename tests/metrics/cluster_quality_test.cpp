#include "metrics/cluster_quality.h"

#include <gtest/gtest.h>

#include "tests/support/golden.h"

namespace sure {
namespace {

TEST(ClusterQuality, EqualsScikitLearn) {
  for (const auto& golden : test::golden_cases("metrics/golden/cluster_quality.json")) {
    std::vector<Tensor> rows;
    for (const auto& row : golden["counts"]) rows.push_back(torch::tensor(row.get<std::vector<int64_t>>()));
    const Tensor counts = torch::stack(rows);
    const ClusterQuality quality = cluster_quality(counts);
    EXPECT_NEAR(quality.label_purity, golden["label_purity"], 1e-9);
    EXPECT_NEAR(quality.cluster_purity, golden["cluster_purity"], 1e-9);
    EXPECT_NEAR(quality.pnmi, golden["pnmi"], 1e-9);
    EXPECT_NEAR(entropy(counts.sum(1)), golden["entropy"], 1e-9);
  }
}

TEST(ClusterQuality, OfNothingIsZero) {
  const ClusterQuality quality = cluster_quality(torch::zeros({2, 3}, torch::kLong));
  EXPECT_EQ(quality.label_purity, 0);
  EXPECT_EQ(quality.pnmi, 0);
}

TEST(ClusterQuality, OfOneLabelHasNoInformation) {
  EXPECT_EQ(cluster_quality(torch::ones({1, 3}, torch::kLong)).pnmi, 0);
}

}  // namespace
}  // namespace sure
