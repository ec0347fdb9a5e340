// What a run tells while it goes; the command line draws progress bars from it.
#pragma once

#include <cstdint>
#include <string>

#include "tasks/objective.h"

namespace sure {

struct StepReport {
  int64_t step;  // optimiser steps done, this one included
  int64_t total_steps;
  double epoch;
  double loss;  // mean over the step's clips
  double learning_rate;
  double gradient_norm;  // before clipping
  double seconds;
  int64_t clips;
};

struct EvaluationReport {
  int64_t step;
  Metrics metrics;  // those of Evaluation
  double seconds;
  bool best;
  std::string best_by;  // the criterion that made it the best: see BestModelRule
};

/// All calls come from one thread.
class TrainObserver {
 public:
  virtual ~TrainObserver() = default;
  virtual void on_message(const std::string&) {}
  /// Clips that `what` is done for so far, before the first step: "looking up lengths".
  virtual void on_preparation(const std::string& /*what*/, int64_t /*done*/, int64_t /*total*/) {}
  virtual void on_step(const StepReport&) {}
  /// Clips evaluated so far.
  virtual void on_evaluation_progress(int64_t /*done*/, int64_t /*total*/) {}
  virtual void on_evaluation(const EvaluationReport&) {}
  /// A checkpoint lies on the disk: from now on a run that is cut off can be resumed.
  virtual void on_checkpoint() {}
};

}  // namespace sure
