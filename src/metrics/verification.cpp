#include "metrics/verification.h"

#include <ATen/ops/isfinite.h>
#include <ATen/ops/sort.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "core/error.h"

namespace sure {

namespace {

void check_trials(const Tensor& scores, const Tensor& labels) {
  if (scores.dim() != 1 || labels.dim() != 1 || scores.numel() != labels.numel()) {
    fail("verification: {} scores and {} labels; expected one of each for every trial", scores.numel(), labels.numel());
  }
  const int64_t broken = (~at::isfinite(scores)).sum().item<int64_t>();
  if (broken > 0) fail("verification: {} of {} scores are not finite; did the model diverge?", broken, scores.numel());
  const auto same = (labels == 1).sum().item<int64_t>();
  const auto different = (labels == 0).sum().item<int64_t>();
  if (same + different != labels.numel()) fail("verification: labels other than 0 (different) and 1 (same speaker)");
  if (same == 0 || different == 0) {
    fail("verification: {} trials of the same speaker and {} of different ones; expected some of both", same,
         different);
  }
}

double interpolate(double from, double to, double part) { return from + part * (to - from); }

}  // namespace

std::vector<OperatingPoint> operating_points(const Tensor& scores, const Tensor& labels) {
  check_trials(scores, labels);
  const auto [sorted, order] = at::sort(scores.to(at::kDouble), /*dim=*/0, /*descending=*/true);
  const Tensor sorted_labels = labels.to(at::kLong).index_select(0, order);
  const double* score = sorted.const_data_ptr<double>();
  const int64_t* label = sorted_labels.const_data_ptr<int64_t>();
  const int64_t trials = sorted.numel();
  const int64_t same = sorted_labels.sum().item<int64_t>();
  const auto different = static_cast<double>(trials - same);

  std::vector<OperatingPoint> points = {{std::numeric_limits<double>::infinity(), 0, 1}};
  int64_t hits = 0;
  for (int64_t i = 0; i < trials; ++i) {
    hits += label[i];
    const bool tied_with_next = i + 1 < trials && score[i] == score[i + 1];
    if (tied_with_next) continue;
    points.push_back({score[i], static_cast<double>(i + 1 - hits) / different,
                      static_cast<double>(same - hits) / static_cast<double>(same)});
  }
  return points;
}

EqualErrorRate equal_error_rate(const std::vector<OperatingPoint>& points) {
  const auto after = std::partition_point(
      points.begin(), points.end(), [](const OperatingPoint& point) { return point.false_acceptance < point.miss; });
  const auto before = after - 1;
  const double gap_before = before->miss - before->false_acceptance;
  const double gap_after = after->false_acceptance - after->miss;
  const double part = gap_before / (gap_before + gap_after);
  const double rate = interpolate(before->false_acceptance, after->false_acceptance, part);
  if (before == points.begin()) return {rate, after->threshold};
  return {rate, interpolate(before->threshold, after->threshold, part)};
}

double min_detection_cost(const std::vector<OperatingPoint>& points, const DetectionCost& cost) {
  if (!(cost.p_target > 0 && cost.p_target < 1)) {
    fail_usage("minDCF: p_target is {}; expected a probability between 0 and 1", cost.p_target);
  }
  if (!(cost.c_miss > 0 && cost.c_false_acceptance > 0)) {
    fail_usage("minDCF: costs {} and {}; expected positive ones", cost.c_miss, cost.c_false_acceptance);
  }
  const double rejecting_all = cost.c_miss * cost.p_target;
  const double accepting_all = cost.c_false_acceptance * (1 - cost.p_target);
  double lowest = std::numeric_limits<double>::infinity();
  for (const OperatingPoint& point : points) {
    lowest = std::min(lowest, rejecting_all * point.miss + accepting_all * point.false_acceptance);
  }
  return lowest / std::min(rejecting_all, accepting_all);
}

}  // namespace sure
