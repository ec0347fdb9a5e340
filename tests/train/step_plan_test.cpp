#include "train/step_plan.h"

#include <gtest/gtest.h>

namespace sure {
namespace {

TrainOptions options(int64_t accumulation, double epochs) {
  TrainOptions o;
  o.gradient_accumulation_steps = accumulation;
  o.num_train_epochs = epochs;
  return o;
}

TEST(StepPlan, RoundsUpStepsAndEpochs) {
  EXPECT_EQ(plan_steps(6, options(4, 1)).steps_per_epoch, 2);  // 4 and 2
  EXPECT_EQ(plan_steps(6, options(4, 2.25)).total_steps, 5);
  EXPECT_EQ(plan_steps(1, options(4, 100)).total_steps, 100);
}

TEST(StepPlan, MaxStepsAndWarmupStepsComeFirst) {
  TrainOptions o = options(1, 10);
  o.warmup_ratio = 0.25;
  EXPECT_EQ(plan_steps(5, o).warmup_steps, 13);
  o.max_steps = 7;
  o.warmup_steps = 3;
  EXPECT_EQ(plan_steps(5, o).total_steps, 7);
  EXPECT_EQ(plan_steps(5, o).warmup_steps, 3);
}

TEST(StepPlan, WhatIsDue) {
  const StepPlan plan{4, 10, 0};
  const auto steps_due = [&](Strategy strategy) {
    std::vector<int64_t> due;
    for (int64_t step = 1; step <= plan.total_steps; ++step) {
      if (is_due(plan, strategy, 3, step)) due.push_back(step);
    }
    return due;
  };
  EXPECT_EQ(steps_due(Strategy::steps), (std::vector<int64_t>{3, 6, 9, 10}));
  EXPECT_EQ(steps_due(Strategy::epoch), (std::vector<int64_t>{4, 8, 10}));
  EXPECT_TRUE(steps_due(Strategy::no).empty());
}

TEST(StepPlan, TheLastStepOfAnEpochTakesWhatIsLeft) {
  const std::vector<std::vector<size_t>> epoch = {{0, 1}, {2, 3}, {4}};
  EXPECT_EQ(micro_batches(epoch, 0, 2).clips, 4);
  EXPECT_EQ(micro_batches(epoch, 2, 2).batches(), 1);
  EXPECT_EQ(micro_batches(epoch, 2, 2).clips, 1);
}

}  // namespace
}  // namespace sure
