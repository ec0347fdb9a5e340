#include "train/best_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tasks/synthesis.h"

namespace sure {
namespace {

/// A run that notes one evaluation after another, each a step further.
struct Course {
  explicit Course(const std::string& task, const TrainOptions& options = {}) : rule(find_task(task), options) {}

  bool note(const Metrics& metrics) {
    ++state.step;
    return rule.note(metrics, state);
  }

  BestModelRule rule;
  TrainState state;
};

TEST(BestModel, ARecogniserThatWritesBlanksGetsBetterByItsLoss) {
  Course course("asr");
  EXPECT_TRUE(course.note({{"wer", 1}, {"cer", 1}, {"loss", 9}}));
  EXPECT_EQ(course.state.decided_by, "wer");
  EXPECT_TRUE(course.note({{"wer", 1}, {"cer", 1}, {"loss", 3}}));
  EXPECT_EQ(course.state.decided_by, "loss");
  EXPECT_FALSE(course.note({{"wer", 1}, {"cer", 1}, {"loss", 4}}));
  EXPECT_EQ(course.state.evaluations_without_gain, 1);
  EXPECT_TRUE(course.note({{"wer", 1}, {"cer", 0.9}, {"loss", 5}}));
  EXPECT_EQ(course.state.decided_by, "cer");
  EXPECT_EQ(course.state.best_step, 4);
  EXPECT_EQ(course.state.best_metric, 1);
  EXPECT_EQ(course.state.evaluations_without_gain, 0);
  EXPECT_FALSE(course.note({{"wer", 1.2}, {"cer", 0.2}, {"loss", 1}})) << "the metric comes first";
  EXPECT_TRUE(course.note({{"wer", 0.9}, {"cer", 1}, {"loss", 9}}));
}

TEST(BestModel, ARandomModelsGuessesDoNotStopTheRunBeforeItLearns) {
  Course course("asr");
  course.note({{"wer", 1}, {"cer", 0.95}, {"loss", 9}});
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(course.note({{"wer", 1}, {"cer", 1}, {"loss", 5 - 0.1 * i}}));
    EXPECT_EQ(course.state.evaluations_without_gain, 0);
  }
  EXPECT_FALSE(course.note({{"wer", 1.1}, {"cer", 0.9}, {"loss", 4}})) << "more words than were said";
  EXPECT_EQ(course.state.evaluations_without_gain, 0);
  course.note({{"wer", 1}, {"cer", 0.96}, {"loss", 6}});
  EXPECT_EQ(course.state.evaluations_without_gain, 1);
}

TEST(BestModel, TiesOfEveryTaskAreBrokenByTheLoss) {
  for (const Task& task : tasks()) {
    if (makes_speech(task)) continue;  // the loss is its metric
    SCOPED_TRACE(task.name);
    Course course(task.name);
    Metrics metrics = {{"loss", 2}};
    for (const std::string& name : task.metric_names) metrics[name] = 0.5;
    EXPECT_TRUE(course.note(metrics));
    EXPECT_FALSE(course.note(metrics));
    metrics["loss"] = 1;
    EXPECT_TRUE(course.note(metrics));
    EXPECT_EQ(course.state.decided_by, "loss");
    metrics[task.metric] += greater_is_better(task.metric) ? -0.1 : 0.1;
    metrics["loss"] = 0;
    EXPECT_FALSE(course.note(metrics));
    EXPECT_EQ(course.state.evaluations_without_gain, 1);
  }
}

TEST(BestModel, AChosenMetricGoesTheWayItMeans) {
  TrainOptions options;
  options.metric_for_best_model = "wer";
  Course course("slot", options);
  course.note({{"wer", 0.5}, {"slot_type_f1", 0.5}, {"slot_value_cer", 0.5}, {"cer", 0.5}});
  EXPECT_TRUE(course.note({{"wer", 0.4}, {"slot_type_f1", 0.1}, {"slot_value_cer", 0.5}, {"cer", 0.5}}));
}

TEST(BestModel, GoesOnFromAStateThatKnowsOnlyTheMetric) {
  Course course("asr");
  course.state.step = 25;
  course.state.best_step = 25;
  course.state.best_metric = 1;
  EXPECT_FALSE(course.note({{"wer", 1.5}, {"cer", 0.9}}));
  EXPECT_TRUE(course.note({{"wer", 1}, {"cer", 1}, {"loss", 3}}));
  EXPECT_FALSE(course.note({{"wer", 1}, {"cer", 1}, {"loss", 3}}));
}

}  // namespace
}  // namespace sure
