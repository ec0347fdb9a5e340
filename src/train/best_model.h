// Which metrics pick the best model, and how a run stands by them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tasks/task.h"
#include "train/history.h"
#include "train/run_config.h"

namespace sure {

/// Where a run stands, besides its weights and the optimiser's moments.
struct TrainState {
  int64_t step = 0;       // optimiser steps done
  int64_t best_step = 0;  // 0: nothing evaluated yet
  double best_metric = 0;
  int64_t evaluations_without_gain = 0;
  Metrics best_metrics = {};    // the best model's, of the criteria; an earlier version's checkpoint has none
  Metrics records = {};         // each criterion's own best
  std::string decided_by = "";  // the criterion by which the best model beat the one before it
  History history = {};
};

/// The model whose metric is best; ties are broken by the task's tie breakers, then by the validation loss. A
/// recogniser that still writes blanks has a WER of 1 at every evaluation, and is yet learning.
class BestModelRule {
 public:
  /// From metric_for_best_model (the task's when empty, a leading "eval_" is ignored) and greater_is_better.
  /// Throws a usage Error for a metric that the task does not have, and for a direction against it.
  BestModelRule(const Task& task, const TrainOptions& options);

  /// Notes an evaluation after state.step steps; true when it is the best so far. It also counts as a gain where the
  /// metric is no worse than the best (an error rate above 1 is as good as 1: nothing is right) and another criterion
  /// is better than ever.
  bool note(const Metrics& metrics, TrainState& state) const;

  const std::string& metric() const { return criteria_.front(); }

 private:
  bool sets_record(const Metrics& metrics, const TrainState& state) const;

  std::vector<std::string> criteria_;  // the metric first
};

}  // namespace sure
