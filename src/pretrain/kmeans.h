// K-means (Lloyd 1982) with greedy k-means++ starts (Arthur and Vassilvitskii 2007) and mini-batch steps (Sculley
// 2010), by the conventions of scikit-learn's KMeans and MiniBatchKMeans.
#pragma once

#include <cstdint>

#include "core/tensor.h"

namespace sure {

/// Where points belong.
struct Assignment {
  Tensor clusters;   // int64 [N]
  Tensor distances;  // to the nearest centre, squared, fp32 [N]

  /// Their sum, which k-means makes small.
  double inertia() const;
};

/// The nearest of the centres, fp32 [K, F], to each point, fp32 [N, F].
Assignment nearest_centres(const Tensor& points, const Tensor& centres);

/// Centres to start from: points that are drawn one after another, each the best of 2 + log(K) draws by the distance to
/// the ones before. Throws Error for fewer points than clusters.
Tensor kmeans_plus_plus(const Tensor& points, int64_t clusters, uint64_t seed);

/// Moves the centres, fp32 [K, F], to the mean of all points that fell to them in this and all earlier batches, whose
/// numbers `counts`, double [K], holds. Returns the inertia of the batch before the move.
double mini_batch_step(Tensor& centres, Tensor& counts, const Tensor& batch);

struct LloydOptions {
  int64_t max_iterations = 300;
  double tolerance = 1e-4;  // as a share of the points' variance: stop when the centres move less
};

/// Moves every centre to the mean of its points, until no point changes its cluster or the centres hardly move. A
/// centre without points moves to the point that is farthest from its own. Returns the centres.
Tensor lloyd(const Tensor& points, Tensor centres, const LloydOptions& options);

/// The whole of it: the best of several starts on a sample, mini-batch steps until the inertia no longer falls, a few
/// iterations over all points. Deterministic in the seed. Throws Error for fewer points than clusters.
Tensor fit_kmeans(const Tensor& points, int64_t clusters, uint64_t seed);

}  // namespace sure
