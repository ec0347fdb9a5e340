// A run that is cut off anywhere and resumed ends with the same bytes as one that is not.

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "tests/support/errors.h"
#include "tests/train/tiny_run.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

namespace sure {
namespace {

namespace fs = std::filesystem;

struct Killed {};

/// Where a run is cut off: `step` done, and either nothing after it (its evaluation, best model and checkpoint are
/// lost), or its evaluation and best model as well (only the checkpoint is lost).
struct Cut {
  std::string method;
  int64_t step;
  bool after_evaluation;
};

class Killer : public TrainObserver {
 public:
  explicit Killer(const Cut& cut) : cut_(cut) {}
  void on_step(const StepReport& report) override {
    if (!cut_.after_evaluation && report.step == cut_.step) throw Killed();
  }
  void on_evaluation(const EvaluationReport& report) override {
    if (cut_.after_evaluation && report.step == cut_.step) throw Killed();
  }

 private:
  Cut cut_;
};

class Resume : public testing::TestWithParam<Cut> {
 protected:
  RunConfig config(const std::string& name) const {
    RunConfig config = test::tiny_run(folder / name);
    config.tuning.method = GetParam().method;
    return config;
  }

  void run(const RunConfig& config, TrainObserver& observer) {
    AdaptedModel model = test::tiny_run_model(config, data);
    train(model, data, config, observer);
  }

  void expect_same(const fs::path& file) const {
    EXPECT_TRUE(read_file(folder / "whole" / file) == read_file(folder / "cut" / file)) << file;
  }

  test::TemporaryFolder folder;
  Dataset data = test::pitched_dataset(folder.path());
};

TEST_P(Resume, IsBitExact) {
  TrainObserver quiet;
  run(config("whole"), quiet);
  Killer killer(GetParam());
  RunConfig cut = config("cut");
  EXPECT_THROW(run(cut, killer), Killed);
  cut.train.resume = "latest";
  run(cut, quiet);
  expect_same("checkpoint-12/adapter.safetensors");
  expect_same("checkpoint-12/optimizer.safetensors");
  expect_same("best_model/adapter.safetensors");
}

TEST(ResumeFromFiles, ACutAdapterIsNamed) {
  const test::TemporaryFolder folder;
  const Dataset data = test::pitched_dataset(folder.path());
  RunConfig config = test::tiny_run(folder / "run");
  config.tuning.method = "lora";
  const auto run = [&](TrainObserver&& observer) {
    AdaptedModel model = test::tiny_run_model(config, data);
    train(model, data, config, observer);
  };
  EXPECT_THROW(run(Killer({"lora", 8, true})), Killed);
  config.train.resume = "latest";
  const fs::path file = latest_checkpoint(folder / "run").value() / "adapter.json";
  const std::string text = read_file(file);
  write_file(file, text.substr(0, text.size() / 2));
  EXPECT_THAT(test::message_of([&] { run(TrainObserver()); }), testing::HasSubstr(file.string()));
}

INSTANTIATE_TEST_SUITE_P(Cuts, Resume,
                         testing::Values(Cut{"lora", 1, false}, Cut{"lora", 3, false}, Cut{"lora", 5, false},
                                         Cut{"lora", 6, true}, Cut{"lora", 8, true}, Cut{"lora", 12, true},
                                         Cut{"conv_adapter", 7, false}, Cut{"finetune", 10, false}),
                         [](const auto& cut_info) {
                           const Cut& cut = cut_info.param;
                           return fmt::format("{}_step_{}_{}", cut.method, cut.step,
                                              cut.after_evaluation ? "evaluated" : "stepped");
                         });

}  // namespace
}  // namespace sure
