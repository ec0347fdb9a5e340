// How a run's batches become epochs and optimiser steps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/run_config.h"

namespace sure {

/// No optimiser step spans two epochs: an epoch's last one may have fewer batches than are accumulated.
struct StepPlan {
  int64_t steps_per_epoch = 0;
  int64_t total_steps = 0;
  int64_t warmup_steps = 0;
};

/// Steps from epochs of that many batches, or from max_steps when set; warm-up from its steps, else its ratio (rounded
/// up).
StepPlan plan_steps(int64_t batches, const TrainOptions& options);

/// Whether something that happens by `strategy` (steps: each `every`) is due after `step` done steps.
/// What happens at all also happens after the last step.
bool is_due(const StepPlan& plan, Strategy strategy, int64_t every, int64_t step);

/// The batches of one optimiser step.
struct MicroBatches {
  std::vector<int64_t> batch_clips;
  int64_t clips = 0;

  int64_t batches() const { return std::ssize(batch_clips); }
};

/// The batches from `first` on that belong to one step: as many as are accumulated, or what is left of the epoch.
MicroBatches micro_batches(const std::vector<std::vector<size_t>>& epoch, size_t first, int64_t accumulation);

}  // namespace sure
