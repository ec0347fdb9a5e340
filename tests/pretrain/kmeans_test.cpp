#include "pretrain/kmeans.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/rng.h"
#include "tests/support/golden.h"

namespace sure {
namespace {

Tensor matrix(const nlohmann::json& json) {
  std::vector<Tensor> rows;
  for (const auto& row : json) rows.push_back(torch::tensor(row.get<std::vector<float>>()));
  return torch::stack(rows);
}

nlohmann::json golden(const char* key) { return test::golden_cases("pretrain/golden/kmeans.json", key); }

/// `clusters` clouds of 50 points each around distinct centres.
Tensor clouds(int64_t clusters) {
  const Tensor middles = 20 * torch::arange(clusters, torch::kFloat).repeat_interleave(50);
  return middles.unsqueeze(1) + torch::empty({50 * clusters, 3}).normal_(0, 1, make_generator(1));
}

TEST(Lloyd, EqualsScikitLearnFromTheSameStart) {
  for (const auto& c : golden("lloyd")) {
    const Tensor points = matrix(c["points"]);
    const Tensor centres = lloyd(points, matrix(c["start"]), {c["iterations"], 1e-4});
    EXPECT_TRUE(torch::allclose(centres, matrix(c["centres"]), 1e-4, 1e-4));
    const Assignment assigned = nearest_centres(points, centres);
    EXPECT_NEAR(assigned.inertia(), c["inertia"], 1e-4 * c["inertia"].get<double>());
    EXPECT_TRUE(torch::equal(assigned.clusters, torch::tensor(c["clusters"].get<std::vector<int64_t>>())));
  }
}

TEST(MiniBatch, EqualsScikitLearnBatchByBatch) {
  for (const auto& c : golden("mini_batch")) {
    Tensor centres = matrix(c["start"]);
    Tensor counts = torch::zeros({centres.size(0)}, torch::kDouble);
    for (const auto& batch : c["batches"]) {
      mini_batch_step(centres, counts, matrix(batch["points"]));
      EXPECT_TRUE(torch::allclose(centres, matrix(batch["centres"]), 1e-4, 1e-4));
    }
  }
}

TEST(NearestCentres, AreThoseOfAllDistances) {
  const Tensor points = torch::empty({9000, 4}).normal_(0, 1, make_generator(2));  // more than one block
  const Tensor centres = torch::empty({17, 4}).normal_(0, 1, make_generator(3));
  const auto [distances, clusters] = torch::cdist(points, centres).min(1);
  const Assignment assigned = nearest_centres(points, centres);
  EXPECT_TRUE(torch::equal(assigned.clusters, clusters));
  EXPECT_TRUE(torch::allclose(assigned.distances, distances.square(), 1e-3, 1e-4));
}

TEST(KMeansPlusPlus, StartsInEveryCloud) {
  const Tensor start = kmeans_plus_plus(clouds(8), 8, 5);
  const Tensor clusters =
      nearest_centres(20 * torch::arange(8, torch::kFloat).unsqueeze(1).expand({8, 3}), start).clusters;
  EXPECT_EQ(std::get<0>(at::_unique(clusters)).size(0), 8);
}

TEST(FitKMeans, FindsTheCloudsAndRepeatsItself) {
  const Tensor points = clouds(6);
  const Tensor centres = fit_kmeans(points, 6, 7);
  EXPECT_LT(nearest_centres(points, centres).inertia(), 3.5 * static_cast<double>(points.size(0)));
  EXPECT_TRUE(torch::equal(centres, fit_kmeans(points, 6, 7)));
}

TEST(FitKMeans, RefusesFewerPointsThanClusters) { EXPECT_THROW(fit_kmeans(torch::zeros({3, 2}), 4, 0), Error); }

}  // namespace
}  // namespace sure
