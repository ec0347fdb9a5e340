#include <ATen/ops/allclose.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>

#include "tests/support/errors.h"
#include "tests/train/tiny_run.h"
#include "train/best_model.h"
#include "train/trainer.h"

namespace sure {
namespace {

using testing::HasSubstr;

class EvaluateTest : public testing::Test {
 protected:
  test::TemporaryFolder folder;
  RunConfig config = test::tiny_run(folder / "output");
  Dataset data = test::pitched_dataset(folder.path());
  test::Recorder seen;
};

TEST_F(EvaluateTest, PredictionsAreInTheOrderOfClipsThatAreBatchedByLength) {
  config.model.max_samples = 0;
  config.model.padding = Padding::longest;
  for (size_t i = 0; i < data.valid.size(); ++i) {
    const auto samples = static_cast<int64_t>(2000 + 700 * (i % 4));
    test::write_wav(data.valid[i].path, test::synthetic_speech(samples, 100 + 40.0 * static_cast<double>(i)));
  }
  const AdaptedModel model = test::tiny_run_model(config, data);
  const Evaluation one = evaluate(model, data.valid, 1, {}, seen);
  const Evaluation two = evaluate(model, data.valid, 2, {}, seen);
  ASSERT_EQ(two.predictions.size(), data.valid.size());
  for (size_t i = 0; i < data.valid.size(); ++i) {
    const Evaluation alone = evaluate(model, {data.valid[i]}, 1, {}, seen);
    const Tensor expected = at::tensor(alone.predictions[0].logits);
    EXPECT_TRUE(at::allclose(at::tensor(one.predictions[i].logits), expected, 1e-4, 1e-5));
    EXPECT_TRUE(at::allclose(at::tensor(two.predictions[i].logits), expected, 1e-4, 1e-5));
    EXPECT_EQ(two.targets[i], data.valid[i].target);
  }
  EXPECT_NEAR(one.metrics.at("loss"), two.metrics.at("loss"), 1e-5);
}

TEST_F(EvaluateTest, ClipsOfUnknownSpeakersHaveNoShareInTheLoss) {
  config.task = "verification";
  data.labels = {"high", "low"};
  const AdaptedModel model = test::tiny_run_model(config, data);
  const auto clips_of = [&](const std::vector<std::string>& speakers) {
    std::vector<Example> clips = data.valid;
    std::erase_if(clips, [&](const Example& clip) {
      return std::find(speakers.begin(), speakers.end(), clip.target) == speakers.end();
    });
    return clips;
  };
  const Evaluation known = evaluate(model, clips_of({"high", "low"}), 4, {}, seen);
  const Evaluation all = evaluate(model, data.valid, 4, {}, seen);
  EXPECT_EQ(known.skipped, 0);
  EXPECT_EQ(all.skipped, 2);
  EXPECT_GT(known.metrics.at("loss"), 1);
  EXPECT_NEAR(all.metrics.at("loss"), known.metrics.at("loss"), 1e-4);
}

TEST_F(EvaluateTest, WithoutAClipThatCountsThereIsNoLoss) {
  config.task = "verification";
  data.labels = {"anna", "bert"};
  const Evaluation evaluation = evaluate(test::tiny_run_model(config, data), data.valid, 4, {}, seen);
  EXPECT_EQ(evaluation.skipped, std::ssize(data.valid));
  EXPECT_FALSE(evaluation.metrics.contains("loss"));
  EXPECT_TRUE(evaluation.metrics.contains("eer"));
  config.train.metric_for_best_model = "loss";
  const BestModelRule rule(find_task("verification"), config.train);
  TrainState state;
  EXPECT_THAT(test::message_of([&] { rule.note(evaluation.metrics, state); }),
              HasSubstr("--metric_for_best_model loss: no validation clip has one"));
}

}  // namespace
}  // namespace sure
