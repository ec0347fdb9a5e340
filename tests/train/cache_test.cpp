// Training with the cache of the frozen part: the same numbers, bit for bit after a kill, and it says when it is off.

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "tests/support/errors.h"
#include "tests/support/tiny_models.h"
#include "tests/train/tiny_run.h"

namespace sure {
namespace {

namespace fs = std::filesystem;
using test::Recorder;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class CachedTraining : public testing::Test {
 protected:
  /// Layer drop stays: it acts above what is cached.
  RunConfig config(const std::string& name, const std::string& cache) const {
    RunConfig config = test::tiny_run(folder / name);
    config.model.spec_augment = {};
    config.model.dropout = 0;
    config.model.padding = Padding::exact;
    config.train.speed_perturbation = 0;
    read_text(cache, config.train.cache);
    return config;
  }

  RunConfig perturbed(const std::string& name, const std::string& cache, int64_t copies) const {
    RunConfig perturbed = config(name, cache);
    perturbed.train.speed_perturbation = 0.1;
    perturbed.train.cache_copies = copies;
    return perturbed;
  }

  TrainResult run(const RunConfig& config) {
    seen = Recorder();
    return run(config, seen);
  }

  TrainResult run(const RunConfig& config, TrainObserver& observer) const {
    AdaptedModel model = test::tiny_run_model(config, data);
    return train(model, data, config, observer);
  }

  std::vector<double> losses(const RunConfig& config) {
    run(config);
    std::vector<double> losses;
    for (const StepReport& step : seen.steps) losses.push_back(step.loss);
    return losses;
  }

  int64_t entries(const std::string& name) const {
    int64_t count = 0;
    for (const auto& item : fs::recursive_directory_iterator(folder / name / "cache")) {
      if (item.path().extension() == ".activation") ++count;
    }
    return count;
  }

  int64_t clips() const { return static_cast<int64_t>(data.train.size()); }

  test::TemporaryFolder folder;
  Dataset data = test::pitched_dataset(folder.path());
  Recorder seen;
};

TEST_F(CachedTraining, ChangesNoLoss) {
  const std::vector<double> expected = losses(config("plain", "off"));
  ASSERT_EQ(expected.size(), 12U);
  for (const char* cache : {"memory", "disk"}) {
    EXPECT_THAT(losses(config(cache, cache)), testing::Pointwise(testing::DoubleNear(1e-4), expected)) << cache;
    EXPECT_THAT(seen.messages, Not(Contains(HasSubstr("cache"))));
  }
  EXPECT_EQ(entries("disk"), clips()) << "the clips to validate sound as the first to train on";
}

TEST_F(CachedTraining, AnotherRunStartsFromTheFolder) {
  RunConfig first = config("first", "disk"), second = config("second", "disk");
  first.train.cache_dir = second.train.cache_dir = (folder / "shared/cache").string();
  EXPECT_EQ(losses(first), losses(second));
  EXPECT_EQ(entries("shared"), clips());
}

/// Ends a run as a kill does, at a step in the second epoch.
class Killer : public TrainObserver {
 public:
  struct Killed {};
  void on_step(const StepReport& report) override {
    if (report.step == 5) throw Killed();
  }
};

TEST_F(CachedTraining, IsBitExactAfterAKill) {
  data = test::pitched_dataset(folder.path(), 40);
  for (const char* cache : {"memory", "disk"}) {
    SCOPED_TRACE(cache);
    const std::string whole = fmt::format("whole_{}", cache), cut = fmt::format("cut_{}", cache);
    for (const std::string& name : {whole, cut}) {
      RunConfig c = perturbed(name, cache, 2);
      c.train.per_device_train_batch_size = 8;
      c.train.max_steps = 9;
      Killer killer;
      if (name == whole) {
        run(c);
      } else {
        EXPECT_THROW(run(c, killer), Killer::Killed);
        c.train.resume = "latest";
        run(c);
      }
    }
    const fs::path file = "best_model/adapter.safetensors";
    EXPECT_TRUE(read_file(folder / whole / file) == read_file(folder / cut / file));
  }
}

TEST_F(CachedTraining, DrawsFromThatManyCopiesOfEachClip) {
  data.valid.clear();
  std::vector<int64_t> counts;
  for (const double epochs : {1.0, 2.0, 3.0, 4.0}) {
    RunConfig c = perturbed(fmt::format("{}", epochs), "disk", 2);
    c.train.num_train_epochs = epochs;
    run(c);
    counts.push_back(entries(fmt::format("{}", epochs)));
  }
  EXPECT_EQ(counts[0], clips());
  EXPECT_GT(counts[1], clips());
  EXPECT_LT(counts[1], 2 * clips()) << "one in three is drawn twice";
  EXPECT_THAT(counts, ElementsAre(clips(), counts[1], counts[1], counts[1]));
}

TEST_F(CachedTraining, CopiesAreThoseOfARunWithoutCache) {
  const std::vector<double> expected = losses(perturbed("plain", "off", 3));
  EXPECT_THAT(losses(perturbed("cached", "memory", 3)), testing::Pointwise(testing::DoubleNear(1e-4), expected));
  EXPECT_THAT(losses(perturbed("always_new", "off", 0)), Not(testing::Pointwise(testing::DoubleNear(1e-4), expected)));
}

TEST_F(CachedTraining, SaysWhyItIsOff) {
  const auto reason = [&](const std::function<void(RunConfig&)>& change) {
    static int runs = 0;
    RunConfig c = config(fmt::format("off_{}", ++runs), "disk");
    c.train.max_steps = 1;
    c.train.evaluation_strategy = Strategy::no;
    change(c);
    run(c);
    EXPECT_FALSE(fs::exists(fs::path(c.train.output_dir) / "cache"));
    for (const std::string& message : seen.messages) {
      if (message.starts_with("--cache is off: ")) return message;
    }
    return std::string();
  };
  const auto own_model = [](RunConfig& c) { c.model.model = test::tiny_model("wav2vec2_base"); };
  EXPECT_THAT(reason([](RunConfig& c) { c.tuning.method = "finetune"; }), HasSubstr("front-end"));
  EXPECT_THAT(reason([](RunConfig& c) { c.tuning.feat_enc_adapter = true; }), HasSubstr("front-end"));
  EXPECT_THAT(reason([](RunConfig& c) { c.model.spec_augment.mask_time_prob = 0.2; }), HasSubstr("--mask_time_prob"));
  EXPECT_THAT(reason([](RunConfig& c) { c.model.spec_augment.mask_feature_prob = 0.2; }),
              HasSubstr("--mask_feature_prob"));
  EXPECT_THAT(reason([](RunConfig& c) { c.model.dropout = 0.1; }), HasSubstr("--dropout 0"));
  EXPECT_THAT(reason([](RunConfig& c) { c.train.speed_perturbation = 0.1; }), HasSubstr("--cache_copies 3"));
  EXPECT_THAT(reason([&](RunConfig& c) {
                own_model(c);
                c.model.padding = Padding::longest;
              }),
              HasSubstr("--padding exact"));
}

TEST_F(CachedTraining, SaysAtOnceThatItIsFull) {
  RunConfig c = config("full", "disk");
  c.train.cache_gb = 1e-5;  // 10 KiB
  c.train.max_steps = 3;
  run(c);
  EXPECT_THAT(seen.messages, Contains(HasSubstr("--cache_gb")).Times(1));
  EXPECT_GT(entries("full"), 0);
}

}  // namespace
}  // namespace sure
