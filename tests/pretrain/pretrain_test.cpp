#include "pretrain/pretrain.h"

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "formats/safetensors.h"
#include "tests/pretrain/tiny_corpus.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace sure {
namespace {

namespace fs = std::filesystem;
using test::message_of;
using testing::HasSubstr;

struct Killed {};

/// Cuts a run off after a step, and keeps what it is told.
class Watcher : public TrainObserver {
 public:
  explicit Watcher(int64_t last = -1) : last_(last) {}
  void on_message(const std::string& message) override { messages += message + "\n"; }
  void on_step(const StepReport& report) override {
    ++steps;
    if (report.step == last_) throw Killed();
  }

  std::string messages;
  int64_t steps = 0;

 private:
  int64_t last_;
};

class PretrainTest : public testing::Test {
 protected:
  PretrainTest() { test::write_clips(folder / "audio"); }

  PretrainConfig config(const std::string& name) const {
    return test::tiny_pretraining(folder / "audio", folder / name);
  }

  void expect_same(const fs::path& file) const {
    EXPECT_TRUE(read_file(folder / "whole" / file) == read_file(folder / "cut" / file)) << file;
  }

  test::TemporaryFolder folder;
  test::Environment cache{"XDG_CACHE_HOME", folder.path().c_str()};
};

TEST_F(PretrainTest, ResumedRunIsBitExact) {
  Watcher quiet, killer(7), resumed;
  pretrain(config("whole"), quiet);
  PretrainConfig cut = config("cut");
  EXPECT_THROW(pretrain(cut, killer), Killed);
  cut.training.resume = "latest";
  pretrain(cut, resumed);
  EXPECT_EQ(resumed.steps, 8);  // from the checkpoint at step 4
  EXPECT_THAT(resumed.messages, testing::Not(HasSubstr("k-means")));
  expect_same("targets.safetensors");
  expect_same("checkpoint-12/weights.safetensors");
  expect_same("checkpoint-12/optimizer.safetensors");
  expect_same("model/model.safetensors");
}

TEST_F(PretrainTest, ResumeRefusesAnotherRun) {
  Watcher quiet;
  pretrain(config("run"), quiet);
  PretrainConfig other = config("run");
  EXPECT_THAT(message_of([&] { pretrain(other, quiet); }), HasSubstr("--resume latest"));
  other.training.resume = "latest";
  other.objective.mask_prob = 0.1;
  EXPECT_THAT(message_of([&] { pretrain(other, quiet); }), HasSubstr("--mask_prob (0.08 there, 0.1 here)"));
}

TEST_F(PretrainTest, FinishedRunSavesInAnotherType) {
  Watcher quiet;
  PretrainConfig run = config("run");
  pretrain(run, quiet);
  const auto before = fs::file_size(folder / "run/model/model.safetensors");
  run.training.resume = "latest";
  run.training.save_dtype = "bf16";
  pretrain(run, quiet);
  EXPECT_LT(fs::file_size(folder / "run/model/model.safetensors"), before * 0.7);
}

TEST_F(PretrainTest, SecondRoundLearnsFromTheFirst) {
  Watcher quiet;
  pretrain(config("first"), quiet);
  PretrainConfig second = config("second");
  second.teacher.teacher = (folder / "first/model").string();
  second.training.init_from = second.teacher.teacher;
  Watcher watcher;
  const PretrainResult result = pretrain(second, watcher);
  EXPECT_THAT(watcher.messages, HasSubstr("layer 1 of "));
  EXPECT_EQ(result.training.steps, 12);
  EXPECT_TRUE(std::isfinite(result.validation.at("loss")));
  second.shape.hidden_size = 40;
  second.training.output_dir = (folder / "third").string();
  EXPECT_THAT(message_of([&] { pretrain(second, quiet); }), HasSubstr("has shape"));
}

TEST_F(PretrainTest, LearnsLabelsToo) {
  write_file(folder / "labels.tsv", "path\tlabel\naudio/clip_1.wav\ta\naudio/clip_2.wav\tb\naudio/clip_3.wav\tb\n");
  PretrainConfig whole = config("whole"), cut = config("cut");
  for (PretrainConfig* run : {&whole, &cut}) {
    run->labels.labels = (folder / "labels.tsv").string();
    run->objective.label_weight = 1;
  }
  Watcher quiet, killer(7);
  pretrain(whole, quiet);
  EXPECT_THROW(pretrain(cut, killer), Killed);
  cut.training.resume = "latest";
  const PretrainResult result = pretrain(cut, quiet);
  EXPECT_TRUE(result.validation.contains("label_accuracy"));
  expect_same("checkpoint-12/weights.safetensors");
  write_file(folder / "labels.tsv", "path\tlabel\naudio/clip_1.wav\tb\naudio/clip_2.wav\ta\n");
  EXPECT_THAT(message_of([&] { pretrain(cut, quiet); }), HasSubstr("--labels"));
}

TEST_F(PretrainTest, StartsFromGivenWeights) {
  Watcher quiet;
  PretrainConfig run = config("first");
  pretrain(run, quiet);
  run.training.init_from = (folder / "first/model").string();
  run.training.output_dir = (folder / "still").string();
  run.training.learning_rate = 0;
  pretrain(run, quiet);
  EXPECT_EQ(read_file(folder / "first/model/model.safetensors"), read_file(folder / "still/model/model.safetensors"));
}

TEST_F(PretrainTest, RefusesOptionsThatCannotBe) {
  Watcher quiet;
  const auto refusal = [&](const std::function<void(PretrainConfig&)>& change) {
    PretrainConfig wrong = config("wrong");
    change(wrong);
    return message_of([&] { pretrain(wrong, quiet); });
  };
  EXPECT_THAT(refusal([](auto& c) { c.objective.mask_prob = 0; }), HasSubstr("--mask_prob"));
  EXPECT_THAT(refusal([](auto& c) { c.clusters.clusters = 100000; }), HasSubstr("--clusters"));
  EXPECT_THAT(refusal([](auto& c) { c.clusters.clusters = 5000; }), HasSubstr("fewer --clusters"));
  EXPECT_THAT(refusal([](auto& c) { c.shape.conv_dim = {16, 0}; }), HasSubstr("conv_dim"));
  EXPECT_THAT(refusal([](auto& c) { c.shape.num_attention_heads = 5; }), HasSubstr("num_attention_heads"));
  EXPECT_THAT(refusal([](auto& c) { c.augment.gain_db = 6; }), HasSubstr("--do_normalize"));
  EXPECT_THAT(refusal([](auto& c) { c.augment.noise_snr_min = 50; }), HasSubstr("--noise_snr_max"));
  EXPECT_THAT(refusal([](auto& c) { c.training.save_dtype = "int8"; }), HasSubstr("fp32, bf16, fp16"));
  EXPECT_THAT(refusal([](auto& c) { c.training.max_seconds = 0.15; }), HasSubstr("--mask_length"));
  EXPECT_THAT(refusal([](auto& c) { c.objective.label_weight = 1; }), HasSubstr("needs --labels"));
  EXPECT_THAT(refusal([](auto& c) { c.teacher.teacher_layer = 2; }), HasSubstr("--teacher"));
  EXPECT_THAT(refusal([](auto& c) { c.teacher.teacher = "nowhere"; }), HasSubstr("nowhere"));
}

/// What a model that looks at nothing reaches is the entropy of the targets.
TEST(PretrainOnSpeech, LearnsMoreThanFrequencies) {
  const fs::path recordings = test::shared_data() / "fsdd/recordings";
  if (!fs::is_directory(recordings)) GTEST_SKIP() << "no real recordings";
  const test::TemporaryFolder folder;
  const test::Environment cache("XDG_CACHE_HOME", folder.path().c_str());
  PretrainConfig config = test::tiny_pretraining(recordings, folder / "run");
  config.shape.hidden_size = 64;
  config.shape.intermediate_size = 128;
  config.shape.layerdrop = 0;
  config.shape.conv_dim = std::vector<int64_t>(6, 32);
  config.augment.noise_prob = 0;
  config.clusters = {20, 20000};
  config.training.max_steps = 400;
  config.training.batch_seconds = 16;
  config.training.learning_rate = 3e-3;
  config.training.save_steps = 1000;
  config.training.eval_steps = 1000;
  Watcher quiet;
  const PretrainResult result = pretrain(config, quiet);
  EXPECT_LT(result.validation.at("loss"), 0.85 * result.entropy);
  EXPECT_GT(result.validation.at("accuracy"), 0.15);
}

}  // namespace
}  // namespace sure
