#include "pretrain/kmeans.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/bincount.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/searchsorted.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/rng.h"

namespace sure {

namespace {

// Rows whose distances to all centres are held at once.
constexpr int64_t kBlock = 8192;

// HuBERT's MiniBatchKMeans, with fewer starts; the iterations over all points make up for them.
constexpr int64_t kBatchSize = 10000;
constexpr int64_t kStarts = 5;
constexpr int64_t kPasses = 100;
constexpr int64_t kStepsWithoutGain = 100;
constexpr int64_t kFinalIterations = 20;

Tensor squared_norms(const Tensor& rows) { return rows.square().sum(1); }

/// Sums of the points of each cluster, double [K, F].
Tensor cluster_sums(const Tensor& points, const Tensor& clusters, int64_t count) {
  Tensor sums = at::zeros({count, points.size(1)}, at::kDouble);
  for (int64_t start = 0; start < points.size(0); start += kBlock) {
    const int64_t rows = std::min(kBlock, points.size(0) - start);
    sums.index_add_(0, clusters.narrow(0, start, rows), points.narrow(0, start, rows).to(at::kDouble));
  }
  return sums;
}

Tensor cluster_counts(const Tensor& clusters, int64_t count) {
  return at::bincount(clusters, {}, count).to(at::kDouble);
}

/// Gives every cluster without points the one point that is farthest from its own centre.
void fill_empty(const Tensor& points, const Assignment& assigned, Tensor& sums, Tensor& counts) {
  const Tensor empty = counts.eq(0).nonzero().flatten();
  if (empty.size(0) == 0) return;
  const Tensor farthest = std::get<1>(assigned.distances.topk(empty.size(0)));
  for (int64_t i = 0; i < empty.size(0); ++i) {
    const Tensor point = points.select(0, farthest[i].item<int64_t>()).to(at::kDouble);
    const auto to = empty[i].item<int64_t>();
    const auto from = assigned.clusters[farthest[i].item<int64_t>()].item<int64_t>();
    sums[from].sub_(point);
    counts[from].sub_(1);
    sums[to].copy_(point);
    counts[to].fill_(1);
  }
}

Tensor means(const Tensor& points, const Assignment& assigned, const Tensor& centres) {
  Tensor sums = cluster_sums(points, assigned.clusters, centres.size(0));
  Tensor counts = cluster_counts(assigned.clusters, centres.size(0));
  fill_empty(points, assigned, sums, counts);
  // A cluster whose only point went to an empty one stays where it is.
  const Tensor kept = counts.eq(0).unsqueeze(1);
  return at::where(kept, centres.to(at::kDouble), sums / counts.clamp_min(1).unsqueeze(1)).to(at::kFloat);
}

/// Squared distances, [N, C].
Tensor distances_to(const Tensor& points, const Tensor& norms, const Tensor& candidates) {
  const Tensor products = at::mm(points, candidates.t());
  return (norms.unsqueeze(1) - 2 * products + squared_norms(candidates)).clamp_min(0);
}

Tensor random_rows(const Tensor& points, int64_t rows, uint64_t seed) {
  return points.index_select(0, at::randint(0, points.size(0), {rows}, make_generator(seed), at::kLong));
}

/// The start whose centres fit a sample best.
Tensor best_start(const Tensor& points, int64_t clusters, uint64_t seed) {
  const int64_t sample = std::min(points.size(0), std::max(3 * kBatchSize, 3 * clusters));
  const Tensor judge = random_rows(points, sample, mix_seed(seed, "judge"));
  Tensor best;
  double lowest = std::numeric_limits<double>::infinity();
  for (uint64_t i = 0; i < kStarts; ++i) {
    const Tensor drawn = random_rows(points, sample, mix_seed(seed, {i}));
    const Tensor centres = kmeans_plus_plus(drawn, clusters, mix_seed(seed, {i, 1}));
    const double inertia = nearest_centres(judge, centres).inertia();
    if (inertia >= lowest) continue;
    lowest = inertia;
    best = centres;
  }
  return best;
}

/// Whether a running mean of the batches' inertia has stopped falling, as MiniBatchKMeans finds it.
class Convergence {
 public:
  explicit Convergence(double weight) : weight_(std::min(1.0, weight)) {}

  bool note(double inertia) {
    mean_ = mean_ ? *mean_ * (1 - weight_) + inertia * weight_ : inertia;
    without_gain_ = *mean_ < lowest_ ? 0 : without_gain_ + 1;
    lowest_ = std::min(lowest_, *mean_);
    return without_gain_ >= kStepsWithoutGain;
  }

 private:
  double weight_;
  std::optional<double> mean_;
  double lowest_ = std::numeric_limits<double>::infinity();
  int64_t without_gain_ = 0;
};

Tensor run_mini_batches(const Tensor& points, Tensor centres, uint64_t seed) {
  const int64_t rows = std::min(kBatchSize, points.size(0));
  const int64_t steps = kPasses * points.size(0) / rows;
  Convergence convergence(2.0 * static_cast<double>(rows) / static_cast<double>(points.size(0) + 1));
  Tensor counts = at::zeros({centres.size(0)}, at::kDouble);
  for (int64_t step = 0; step < steps; ++step) {
    const Tensor batch = random_rows(points, rows, mix_seed(seed, {static_cast<uint64_t>(step)}));
    if (convergence.note(mini_batch_step(centres, counts, batch))) break;
  }
  return centres;
}

void require_enough(const Tensor& points, int64_t clusters) {
  if (points.size(0) >= clusters) return;
  fail("{} frames are too few for {} clusters: use more audio or fewer --clusters", points.size(0), clusters);
}

}  // namespace

double Assignment::inertia() const { return distances.sum(at::kDouble).item<double>(); }

Assignment nearest_centres(const Tensor& points, const Tensor& centres) {
  Assignment assigned{at::empty({points.size(0)}, at::kLong), at::empty({points.size(0)}, at::kFloat)};
  const Tensor transposed = centres.t().contiguous();
  const Tensor norms = squared_norms(centres);
  for (int64_t start = 0; start < points.size(0); start += kBlock) {
    const int64_t rows = std::min(kBlock, points.size(0) - start);
    const Tensor block = points.narrow(0, start, rows);
    const auto [value, index] = at::addmm(norms, block, transposed, /*beta=*/1, /*alpha=*/-2).min(1);
    assigned.clusters.narrow(0, start, rows).copy_(index);
    assigned.distances.narrow(0, start, rows).copy_((value + squared_norms(block)).clamp_min(0));
  }
  return assigned;
}

Tensor kmeans_plus_plus(const Tensor& points, int64_t clusters, uint64_t seed) {
  require_enough(points, clusters);
  const auto trials = 2 + static_cast<int64_t>(std::log(static_cast<double>(clusters)));
  at::Generator generator = make_generator(seed);
  const Tensor norms = squared_norms(points);
  Tensor chosen = at::empty({clusters, points.size(1)}, points.options());
  chosen[0].copy_(points[at::randint(0, points.size(0), {1}, generator, at::kLong).item<int64_t>()]);
  Tensor closest = distances_to(points, norms, chosen.narrow(0, 0, 1)).squeeze(1);
  for (int64_t c = 1; c < clusters; ++c) {
    const Tensor cumulated = closest.cumsum(0, at::kDouble);
    const Tensor draws = at::rand({trials}, generator, at::kDouble) * cumulated[-1];
    const Tensor rows = at::searchsorted(cumulated, draws).clamp_max(points.size(0) - 1);
    const Tensor candidates = points.index_select(0, rows);
    const Tensor distances = at::minimum(closest.unsqueeze(1), distances_to(points, norms, candidates));
    const auto best = distances.sum(0, /*keepdim=*/false, at::kDouble).argmin().item<int64_t>();
    chosen[c].copy_(candidates[best]);
    closest = distances.select(1, best).contiguous();
  }
  return chosen;
}

double mini_batch_step(Tensor& centres, Tensor& counts, const Tensor& batch) {
  const Assignment assigned = nearest_centres(batch, centres);
  const Tensor sums = cluster_sums(batch, assigned.clusters, centres.size(0)) + centres * counts.unsqueeze(1);
  const Tensor total = counts + cluster_counts(assigned.clusters, centres.size(0));
  const Tensor moved = (sums / total.clamp_min(1).unsqueeze(1)).to(at::kFloat);
  centres = at::where(total.gt(0).unsqueeze(1), moved, centres);
  counts = total;
  return assigned.inertia();
}

Tensor lloyd(const Tensor& points, Tensor centres, const LloydOptions& options) {
  const double tolerance = options.tolerance * points.var(0, /*unbiased=*/false).mean().item<double>();
  Tensor before;
  for (int64_t i = 0; i < options.max_iterations; ++i) {
    const Assignment assigned = nearest_centres(points, centres);
    const Tensor moved = means(points, assigned, centres);
    const double shift = (moved - centres).square().sum().item<double>();
    centres = moved;
    if ((before.defined() && before.equal(assigned.clusters)) || shift <= tolerance) break;
    before = assigned.clusters;
  }
  return centres;
}

Tensor fit_kmeans(const Tensor& points, int64_t clusters, uint64_t seed) {
  require_enough(points, clusters);
  const Tensor start = best_start(points, clusters, mix_seed(seed, "start"));
  const Tensor centres = run_mini_batches(points, start, mix_seed(seed, "batches"));
  LloydOptions options;
  options.max_iterations = kFinalIterations;
  return lloyd(points, centres, options);
}

}  // namespace sure
