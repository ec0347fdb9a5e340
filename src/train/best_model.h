// Which metric picks the best model, and how a run stands by it.
#pragma once

#include <cstdint>
#include <string>

#include "tasks/task.h"
#include "train/run_config.h"

namespace sure {

/// Where a run stands, besides its weights and the optimiser's moments.
struct TrainState {
  int64_t step = 0;       // optimiser steps done
  int64_t best_step = 0;  // 0: nothing evaluated yet
  double best_metric = 0;
  int64_t evaluations_without_gain = 0;
};

class BestModelRule {
 public:
  /// From metric_for_best_model (the task's when empty, a leading "eval_" is ignored) and greater_is_better.
  /// Throws a usage Error for a metric that the task does not have, and for a direction against it.
  BestModelRule(const Task& task, const TrainOptions& options);

  /// Notes an evaluation after state.step steps; true when it is the best so far.
  bool note(const Metrics& metrics, TrainState& state) const;

  const std::string& metric() const { return metric_; }

 private:
  std::string metric_;
  bool greater_is_better_;
};

/// "True" or "False" in any case. Throws a usage Error naming the flag.
bool parse_bool(const std::string& flag, const std::string& text);

}  // namespace sure
