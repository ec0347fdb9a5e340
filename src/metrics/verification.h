// Metrics of speaker verification: how often a threshold on scores errs on trials of the same or of two speakers.
#pragma once

#include <vector>

#include "core/tensor.h"

namespace sure {

/// Rates of the two errors when trials that score `threshold` or more are accepted.
struct OperatingPoint {
  double threshold;
  double false_acceptance;  ///< of the trials with label 0
  double miss;              ///< of the trials with label 1
};

/// One point for each different score, from the highest down, after one that rejects all (threshold: infinity).
/// `scores` fp [N], higher for the same speaker; `labels` int64 [N], 1 for the same speaker, else 0. Throws when scores
/// are not finite, labels are neither 0 nor 1, or all are the same.
std::vector<OperatingPoint> operating_points(const Tensor& scores, const Tensor& labels);

struct EqualErrorRate {
  double rate;
  double threshold;
};

/// Where false acceptance equals miss, both interpolated between neighbouring points as is the threshold (that of the
/// first accepting point where the other is infinite). s3prl's and VoxCeleb's rate from scikit-learn's roc_curve.
EqualErrorRate equal_error_rate(const std::vector<OperatingPoint>& points);

/// What errors cost and how many trials are expected to be of the same speaker (VoxSRC's values).
struct DetectionCost {
  double p_target = 0.05;
  double c_miss = 1;
  double c_false_acceptance = 1;
};

/// minDCF: the lowest cost among `points`, divided by the lower of accepting all and rejecting all (NIST SRE 2016,
/// section 3). Throws a usage error unless p_target is between 0 and 1 and the costs are positive.
double min_detection_cost(const std::vector<OperatingPoint>& points, const DetectionCost& cost = {});

}  // namespace sure
