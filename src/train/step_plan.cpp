#include "train/step_plan.h"

#include <algorithm>
#include <cmath>

namespace sure {

namespace {

int64_t divide_up(int64_t value, int64_t by) { return (value + by - 1) / by; }

int64_t share_of(double share, int64_t whole) {
  return static_cast<int64_t>(std::ceil(share * static_cast<double>(whole)));
}

}  // namespace

StepPlan plan_steps(int64_t batches, const TrainOptions& options) {
  StepPlan plan;
  plan.steps_per_epoch = divide_up(batches, options.gradient_accumulation_steps);
  plan.total_steps =
      options.max_steps > 0 ? options.max_steps : share_of(options.num_train_epochs, plan.steps_per_epoch);
  plan.warmup_steps =
      options.warmup_steps > 0 ? options.warmup_steps : share_of(options.warmup_ratio, plan.total_steps);
  return plan;
}

bool is_due(const StepPlan& plan, Strategy strategy, int64_t every, int64_t step) {
  if (strategy == Strategy::no) return false;
  return step == plan.total_steps || step % (strategy == Strategy::epoch ? plan.steps_per_epoch : every) == 0;
}

MicroBatches micro_batches(const std::vector<std::vector<size_t>>& epoch, size_t first, int64_t accumulation) {
  MicroBatches step;
  const size_t end = std::min(epoch.size(), first + static_cast<size_t>(accumulation));
  for (size_t i = first; i < end; ++i) {
    step.batch_clips.push_back(std::ssize(epoch[i]));
    step.clips += step.batch_clips.back();
  }
  return step;
}

}  // namespace sure
