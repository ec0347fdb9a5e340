#include "train/trainer.h"

#include <ATen/Context.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "core/atomic_file.h"
#include "core/registry.h"
#include "core/rng.h"
#include "tests/support/errors.h"
#include "tests/train/tiny_run.h"
#include "train/schedule.h"

namespace sure {
namespace {

namespace fs = std::filesystem;
using test::message_of;
using test::Recorder;
using test::TemporaryFolder;
using testing::Contains;
using testing::HasSubstr;

class TrainerTest : public testing::Test {
 protected:
  TrainResult run(const RunConfig& config) {
    model.emplace(test::tiny_run_model(config, data));
    seen = Recorder();
    return train(*model, data, config, seen);
  }

  RunConfig config(const std::string& name = "output") const { return test::tiny_run(folder / name); }

  TemporaryFolder folder;
  Dataset data = test::pitched_dataset(folder.path());
  std::optional<AdaptedModel> model;
  Recorder seen;
};

TEST_F(TrainerTest, LearnsToTellPitchesApart) {
  RunConfig c = config();
  c.model.dropout = 0;
  c.model.layerdrop = 0;
  c.model.spec_augment = {};
  c.train.speed_perturbation = 0;
  c.train.max_steps = 40;
  c.train.eval_steps = 10;
  c.train.load_best_model_at_end = true;
  const TrainResult result = run(c);
  EXPECT_EQ(result.steps, 40);
  EXPECT_GT(result.best_metric, 0.9);
  EXPECT_LT(seen.steps.back().loss, seen.steps.front().loss / 2);
  const Evaluation again = evaluate(*model, data.valid, 3, {}, seen);
  EXPECT_EQ(again.metrics.at("accuracy"), result.best_metric);
}

TEST_F(TrainerTest, LeavesTheProcessAsItWas) {
  at::manual_seed(5);
  const Tensor before = generator_state(at::kCPU);
  const bool tf32 = at::globalContext().allowTF32CuDNN();
  RunConfig c = config();
  c.train.max_steps = 2;
  run(c);
  EXPECT_TRUE(torch::equal(generator_state(at::kCPU), before));
  EXPECT_EQ(at::globalContext().allowTF32CuDNN(), tf32);
}

TEST_F(TrainerTest, ReportsEveryStep) {
  const RunConfig c = config();
  run(c);
  ASSERT_EQ(seen.steps.size(), 12U);
  const double peak = find_row(tuning_methods(), c.tuning.method, "method").default_learning_rate;
  for (size_t i = 0; i < seen.steps.size(); ++i) {
    const StepReport& step = seen.steps[i];
    EXPECT_EQ(step.step, static_cast<int64_t>(i) + 1);
    EXPECT_EQ(step.total_steps, 12);
    EXPECT_EQ(step.clips, i % 3 == 2 ? 3 : 4);
    EXPECT_DOUBLE_EQ(step.learning_rate, peak * schedules().front().factor({12, 2}, static_cast<int64_t>(i)));
    EXPECT_GT(step.gradient_norm, 0);
  }
  EXPECT_DOUBLE_EQ(seen.steps[2].epoch, 1);
  ASSERT_EQ(seen.evaluations.size(), 6U);
  EXPECT_EQ(seen.evaluations[2].step, 6);
}

TEST_F(TrainerTest, ReportsHowLongEachEpochTookAndWaitedForItsBatches) {
  const TrainResult result = run(config());
  ASSERT_EQ(result.epochs.size(), 4U);
  double steps = 0;
  double epochs = 0;
  for (const StepReport& step : seen.steps) steps += step.seconds;
  for (const EpochTime& epoch : result.epochs) {
    EXPECT_GT(epoch.data_seconds, 0) << "the first batch is not there yet when it is asked for";
    EXPECT_LT(epoch.data_seconds, epoch.seconds);
    epochs += epoch.seconds;
  }
  EXPECT_GT(epochs, steps);
  EXPECT_LE(epochs, result.seconds);
}

TEST_F(TrainerTest, LeavesCheckpointsBestModelAndLogInTheOutputFolder) {
  run(config());
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder / "output")) names.push_back(entry.path().filename().string());
  EXPECT_THAT(names, testing::UnorderedElementsAre("checkpoint-9", "checkpoint-12", "best_model", "log"));
}

TEST_F(TrainerTest, LossIsTheMeanOverClipsHoweverTheyAreBatched) {
  data.train.resize(5);
  RunConfig whole = config("whole");
  whole.model.dropout = 0;
  whole.model.layerdrop = 0;
  whole.model.spec_augment = {};
  whole.train.speed_perturbation = 0;
  whole.train.warmup_ratio = 0;
  whole.train.max_steps = 1;
  whole.train.per_device_train_batch_size = 5;
  whole.train.gradient_accumulation_steps = 1;
  RunConfig pieces = whole;
  pieces.train.output_dir = (folder / "pieces").string();
  pieces.train.per_device_train_batch_size = 2;
  pieces.train.gradient_accumulation_steps = 3;
  run(whole);
  const StepReport expected = seen.steps.at(0);
  run(pieces);
  EXPECT_EQ(seen.steps.at(0).clips, 5);
  EXPECT_NEAR(seen.steps.at(0).loss, expected.loss, 1e-5);
  EXPECT_NEAR(seen.steps.at(0).gradient_norm, expected.gradient_norm, 1e-4 * expected.gradient_norm);
}

TEST_F(TrainerTest, BatchSecondsFillBatchesInsteadOfCountingClips) {
  RunConfig c = config();
  c.model.padding = Padding::longest;
  c.train.batch_seconds = 4.5 * static_cast<double>(test::kClipSamples) / kSampleRate;
  c.train.gradient_accumulation_steps = 1;
  run(c);
  std::map<int64_t, int64_t> clips_of_epoch;
  for (const StepReport& step : seen.steps) {
    EXPECT_LE(step.clips, 4);
    clips_of_epoch[(step.step - 1) / 3] += step.clips;
  }
  EXPECT_THAT(clips_of_epoch, testing::SizeIs(4));
  EXPECT_THAT(clips_of_epoch, testing::Each(testing::Pair(testing::_, 11)));
}

TEST_F(TrainerTest, StopsEarlyWithoutAGain) {
  RunConfig c = config();
  c.train.learning_rate = 1e-12;
  c.train.early_stopping_patience = 2;
  const TrainResult result = run(c);
  EXPECT_TRUE(result.stopped_early);
  EXPECT_EQ(result.steps, 6);
  EXPECT_EQ(result.best_step, 2);
  EXPECT_TRUE(fs::exists(folder / "output/checkpoint-6"));
  c.train.resume = "latest";
  EXPECT_EQ(run(c).steps, 6) << "a run that stopped early goes on when resumed";
}

TEST_F(TrainerTest, WithoutEvaluationTheLastModelIsTheBest) {
  RunConfig c = config();
  c.train.evaluation_strategy = Strategy::no;
  c.train.early_stopping_patience = 1;
  const TrainResult result = run(c);
  EXPECT_EQ(result.steps, 12);
  EXPECT_EQ(result.best_step, 12);
  EXPECT_TRUE(seen.evaluations.empty());
  EXPECT_THAT(seen.messages, Contains(HasSubstr("no evaluation")));
  EXPECT_EQ(read_file(folder / "output/best_model/adapter.safetensors"),
            read_file(folder / "output/checkpoint-12/adapter.safetensors"));
}

TEST_F(TrainerTest, LossThatIsNotFiniteNamesTheStepAndTheFlag) {
  RunConfig c = config();
  c.train.learning_rate = 1e30;
  EXPECT_THAT(message_of([&] { run(c); }), HasSubstr("not finite")) << "an evaluation finds it";
  c.train.evaluation_strategy = Strategy::no;
  EXPECT_THAT(message_of([&] { run(c); }), testing::AllOf(HasSubstr("step "), HasSubstr("--learning_rate")));
}

TEST_F(TrainerTest, RefusesAFolderWithCheckpointsUnlessItGoesOnFromThem) {
  run(config());
  EXPECT_THAT(message_of([&] { run(config()); }), HasSubstr("--resume latest"));
}

TEST_F(TrainerTest, ResumeOfNothing) {
  RunConfig c = config();
  c.train.resume = (folder / "checkpoint-4").string();
  EXPECT_THAT(message_of([&] { run(c); }), HasSubstr("checkpoint-4"));
  c.train.resume = "latest";
  EXPECT_EQ(run(c).steps, 12);
  EXPECT_THAT(seen.messages, Contains(HasSubstr("nothing to resume")));
}

TEST_F(TrainerTest, Fp16SaysThatItIsBfloat16) {
  RunConfig c = config();
  c.train.fp16 = true;
  c.train.max_steps = 1;
  run(c);
  EXPECT_THAT(seen.messages, Contains(HasSubstr("bfloat16")));
}

TEST_F(TrainerTest, EmptySplitsAreRefused) {
  const RunConfig c = config();
  run(c);
  EXPECT_THROW(evaluate(*model, {}, 2, {}, seen), Error);
  data.train.clear();
  EXPECT_THAT(message_of([&] { train(*model, data, c, seen); }), HasSubstr("nothing to train on"));
}

TEST_F(TrainerTest, EvaluationDoesNotDependOnTheBatchSize) {
  const AdaptedModel untrained = test::tiny_run_model(config(), data);
  const Evaluation one = evaluate(untrained, data.train, 1, {}, seen);
  const Evaluation four = evaluate(untrained, data.train, 4, {}, seen);
  ASSERT_EQ(one.predictions.size(), data.train.size());
  for (size_t i = 0; i < one.predictions.size(); ++i) {
    EXPECT_TRUE(
        at::allclose(at::tensor(one.predictions[i].logits), at::tensor(four.predictions[i].logits), 1e-4, 1e-5));
  }
  EXPECT_EQ(one.targets, four.targets);
  EXPECT_NEAR(one.metrics.at("loss"), four.metrics.at("loss"), 1e-5);
}

}  // namespace
}  // namespace sure
