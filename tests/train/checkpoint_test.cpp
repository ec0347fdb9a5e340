#include "train/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>
#include <limits>

#include "core/atomic_file.h"
#include "tests/support/errors.h"
#include "tests/train/tiny_run.h"

namespace sure {
namespace {

namespace fs = std::filesystem;
using test::message_of;
using test::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;

Dataset two_pitches() {
  Dataset data;
  data.train = {{"a/one.wav", "high", ""}, {"a/two.wav", "low", ""}};
  data.valid = {{"a/three.wav", "low", ""}};
  data.labels = {"high", "low"};
  return data;
}

/// A model with its optimiser after one step, and the identity of its run.
struct TinyRun {
  explicit TinyRun(const std::function<void(RunConfig&)>& change = [](RunConfig&) {}) : config(changed(change)) {
    for (const NamedTensor& parameter : model.trained()) {
      Tensor(parameter.value).mutable_grad() = torch::ones_like(parameter.value);
    }
    optimiser.step(1e-2);
  }

  static RunConfig changed(const std::function<void(RunConfig&)>& change) {
    RunConfig config = test::tiny_run("output");
    change(config);
    return config;
  }

  std::vector<std::string> save(const fs::path& output, int64_t step, int64_t limit = 0) {
    const auto save_model = [&](const fs::path& to) { model.save(to); };
    return save_checkpoint(output, training_checkpoint(), save_model, optimiser, {step, 1, 0.5, 1}, identity(), limit);
  }
  TrainState load(const fs::path& folder) {
    return load_checkpoint(
        folder, [&](const fs::path& from) { load_weights(from, model.trained()); }, optimiser, identity(), kTotalSteps);
  }
  nlohmann::ordered_json identity() const { return run_identity(model, data, config); }

  static constexpr int64_t kTotalSteps = 200;
  RunConfig config;
  Dataset data = two_pitches();
  AdaptedModel model = test::tiny_run_model(config, data);
  AdamW optimiser{model.trained(), {}};
};

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  return names;
}

TEST(Checkpoint, BringsWeightsMomentsAndStateBack) {
  const TemporaryFolder folder;
  TinyRun saved;
  saved.save(folder.path(), 7);
  TinyRun loaded;
  for (const NamedTensor& moment : loaded.optimiser.state()) Tensor(moment.value).zero_();
  {
    const torch::NoGradGuard no_grad;
    for (const NamedTensor& parameter : loaded.model.trained()) Tensor(parameter.value).zero_();
  }
  const TrainState state = loaded.load(folder / "checkpoint-7");
  EXPECT_EQ(state.step, 7);
  EXPECT_EQ(state.best_step, 1);
  EXPECT_EQ(state.best_metric, 0.5);
  EXPECT_EQ(state.evaluations_without_gain, 1);
  for (size_t i = 0; i < saved.model.trained().size(); ++i) {
    EXPECT_TRUE(torch::equal(saved.model.trained()[i].value, loaded.model.trained()[i].value));
  }
  for (size_t i = 0; i < saved.optimiser.state().size(); ++i) {
    EXPECT_TRUE(torch::equal(saved.optimiser.state()[i].value, loaded.optimiser.state()[i].value));
  }
}

TEST(Checkpoint, TheOldestAreRemovedAboveTheLimit) {
  const TemporaryFolder folder;
  TinyRun run;
  for (const int64_t step : {8, 9, 10, 100}) run.save(folder.path(), step, 2);
  EXPECT_THAT(names_in(folder.path()), testing::UnorderedElementsAre("checkpoint-10", "checkpoint-100"));
  run.save(folder.path(), 5, 1);  // the newest stays, whatever its number
  EXPECT_THAT(names_in(folder.path()), testing::Contains("checkpoint-5"));
}

TEST(Checkpoint, NoLimitKeepsAll) {
  const TemporaryFolder folder;
  TinyRun run;
  for (const int64_t step : {1, 2, 3}) run.save(folder.path(), step);
  EXPECT_EQ(names_in(folder.path()).size(), 3U);
}

TEST(Checkpoint, LatestIsByNumberAndIgnoresWhatOthersWrote) {
  const TemporaryFolder folder;
  TinyRun run;
  EXPECT_FALSE(latest_checkpoint(folder.path()));
  EXPECT_FALSE(latest_checkpoint(folder / "none"));
  for (const int64_t step : {9, 10}) run.save(folder.path(), step);
  for (const char* name : {"checkpoint-11.42.tmp", "checkpoint-12", "checkpoint-x", "best_model"}) {
    fs::create_directory(folder / name);
  }
  write_file(folder / "checkpoint-12" / "trainer_state.json", "{}");  // of another program
  EXPECT_EQ(latest_checkpoint(folder.path()), folder / "checkpoint-10");
  run.save(folder.path(), 13, 1);
  EXPECT_THAT(names_in(folder.path()), testing::UnorderedElementsAre("checkpoint-11.42.tmp", "checkpoint-12",
                                                                     "checkpoint-13", "checkpoint-x", "best_model"));
}

TEST(Checkpoint, OfAnOlderVersionIsKnownAndPruned) {
  const TemporaryFolder folder;
  TinyRun run;
  run.save(folder.path(), 1);
  fs::remove(folder / "checkpoint-1" / ".sure");
  write_file(folder / "checkpoint-1" / "notes.txt", "precious");
  EXPECT_EQ(latest_checkpoint(folder.path()), folder / "checkpoint-1");
  run.save(folder.path(), 2, 1);
  EXPECT_EQ(latest_checkpoint(folder.path()), folder / "checkpoint-2");
  EXPECT_EQ(read_file(folder / "checkpoint-1" / "notes.txt"), "precious");
  EXPECT_FALSE(fs::exists(folder / "checkpoint-1" / "optimizer.safetensors"));
}

TEST(Checkpoint, WhatCannotBeRemovedIsAWarning) {
  if (::geteuid() == 0) GTEST_SKIP() << "the superuser may remove anything";
  const TemporaryFolder folder;
  TinyRun run;
  run.save(folder.path(), 1);
  fs::permissions(folder / "checkpoint-1", fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_THAT(run.save(folder.path(), 2, 1), testing::ElementsAre(HasSubstr("checkpoint-1")));
  fs::permissions(folder / "checkpoint-1", fs::perms::owner_all);
}

TEST(Checkpoint, LeftoversOfAKilledRunAreRemoved) {
  const TemporaryFolder folder;
  TinyRun run;
  for (const int64_t step : {8, 9}) run.save(folder.path(), step);
  fs::remove(folder / "checkpoint-8" / "trainer_state.json");  // killed while it was removed
  for (const char* name : {"checkpoint-11.42.tmp", "checkpoint-3.old.tmp", "best_model.42.tmp", "model.42.tmp",
                           "best_model.999999999-0123456789abcdef.tmp", "my.tmp", "my.42.tmp"}) {
    fs::create_directories(folder / name / "inside");
  }
  clear_output_folder(folder.path());
  EXPECT_THAT(names_in(folder.path()), testing::UnorderedElementsAre("checkpoint-9", "my.tmp", "my.42.tmp"));
}

TEST(Checkpoint, OfAnotherRunSaysWhatDiffers) {
  const TemporaryFolder folder;
  TinyRun().save(folder.path(), 1);
  TinyRun other([](RunConfig& config) {
    config.tuning.lora_rank = 4;
    config.train.seed = 7;
  });
  EXPECT_THAT(message_of([&] { other.load(folder / "checkpoint-1"); }),
              AllOf(HasSubstr("checkpoint-1"), HasSubstr("--lora_rank (8 there, 4 here)"),
                    HasSubstr("--seed (1314 there, 7 here)"), testing::Not(HasSubstr("--model"))));
}

TEST(Checkpoint, OfOtherClipsIsRefused) {
  const TemporaryFolder folder;
  TinyRun run;
  run.save(folder.path(), 1);
  run.data.train[1].path = "a/other.wav";
  EXPECT_THAT(message_of([&] { run.load(folder / "checkpoint-1"); }), HasSubstr("training clips"));
}

TEST(Checkpoint, MayMoveAndBeSavedMoreOften) {
  const TemporaryFolder folder;
  TinyRun().save(folder.path(), 1);
  TinyRun other([](RunConfig& config) {
    config.train.output_dir = "elsewhere";
    config.train.save_steps = 50;
    config.task = "Classify";
  });
  for (Example& example : other.data.train) example.path = "b" / example.path.filename();
  EXPECT_EQ(other.load(folder / "checkpoint-1").step, 1);
}

TEST(Checkpoint, BrokenOnesAreRefusedByName) {
  const TemporaryFolder folder;
  TinyRun run;
  EXPECT_THAT(message_of([&] { run.load(folder / "checkpoint-1"); }), HasSubstr("no checkpoint"));
  run.save(folder.path(), 1);
  const fs::path state = folder / "checkpoint-1" / "trainer_state.json";
  const std::string whole = read_file(state);
  write_file(state, whole.substr(0, whole.size() / 2));
  EXPECT_THAT(message_of([&] { run.load(folder / "checkpoint-1"); }), HasSubstr("trainer_state.json"));
  write_file(state, "{}");
  EXPECT_THAT(message_of([&] { run.load(folder / "checkpoint-1"); }), HasSubstr("trainer_state.json"));
  write_file(state, whole);
  const fs::path moments = folder / "checkpoint-1" / "optimizer.safetensors";
  fs::resize_file(moments, fs::file_size(moments) / 2);
  EXPECT_THAT(message_of([&] { run.load(folder / "checkpoint-1"); }), HasSubstr("optimizer.safetensors"));
}

TEST(Checkpoint, ChangedWeightsAreRefused) {
  for (const char* name : {"adapter.safetensors", "optimizer.safetensors"}) {
    const TemporaryFolder folder;
    TinyRun run;
    run.save(folder.path(), 1);
    const fs::path file = folder / "checkpoint-1" / name;
    std::string bytes = read_file(file);
    bytes[bytes.size() - 3] ^= 1;
    write_file(file, bytes);
    EXPECT_THAT(message_of([&] { run.load(folder / "checkpoint-1"); }),
                AllOf(HasSubstr(file.string()), HasSubstr("checksum differs")));
  }
}

TEST(Checkpoint, CountsThatNoRunWritesAreRefused) {
  const TemporaryFolder folder;
  TinyRun run;
  run.save(folder.path(), 1);
  const fs::path file = folder / "checkpoint-1" / "trainer_state.json";
  const auto whole = nlohmann::json::parse(read_file(file));
  const auto refusal = [&](const char* key, const nlohmann::json& value) {
    nlohmann::json json = whole;
    json[key] = value;
    write_file(file, json.dump());
    return message_of([&] { run.load(folder / "checkpoint-1"); });
  };
  for (const nlohmann::json& step : {nlohmann::json(-1), nlohmann::json(int64_t{1} << 62), nlohmann::json(1e300),
                                     nlohmann::json("1"), nlohmann::json(std::numeric_limits<uint64_t>::max())}) {
    EXPECT_THAT(refusal("step", step), AllOf(HasSubstr("trainer_state.json"), HasSubstr("'step' is " + step.dump())));
  }
  EXPECT_THAT(refusal("best_step", 2), HasSubstr("'best_step' is 2, expected 0 to 1"));
  EXPECT_THAT(refusal("evaluations_without_gain", -1), HasSubstr("evaluations_without_gain"));
  EXPECT_THAT(refusal("best_metric", nullptr), HasSubstr("trainer_state.json"));
  EXPECT_THAT(refusal("history", 3), AllOf(HasSubstr("trainer_state.json"), HasSubstr("wrong type")));
}

TEST(Checkpoint, OfAnEarlierVersionIsGoneOnFrom) {
  const TemporaryFolder folder;
  TinyRun run([](RunConfig& config) { config.model.max_samples = find_task(config.task).max_samples; });
  run.save(folder.path(), 1);
  const fs::path file = folder / "checkpoint-1" / "trainer_state.json";
  auto json = nlohmann::json::parse(read_file(file));
  for (const char* key : {"best_metrics", "records", "decided_by", "history"}) json.erase(key);
  json["run"]["--max_samples"] = -1;
  write_file(file, json.dump());
  EXPECT_EQ(run.load(folder / "checkpoint-1").best_metric, 0.5);
}

/// A file system of its own, small.
class SmallDisk {
 public:
  SmallDisk() : mounted_(::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=16m") == 0) {}
  ~SmallDisk() {
    if (mounted_) ::umount(folder_.path().c_str());
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  const fs::path& path() const { return folder_.path(); }

  void fill_up() const {
    std::ofstream file(path() / "filler", std::ios::binary);
    const std::string block(4096, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size()))) continue;
  }

 private:
  TemporaryFolder folder_;
  bool mounted_;
};

TEST(Checkpoint, AFullDiskLeavesTheOldOneWhole) {
  const SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a small tmpfs";
  TinyRun run;
  run.save(disk.path(), 1, 1);
  disk.fill_up();
  EXPECT_THAT(message_of([&] { run.save(disk.path(), 2, 1); }), HasSubstr("checkpoint-2"));
  EXPECT_THAT(names_in(disk.path()), testing::UnorderedElementsAre("checkpoint-1", "filler"));
  EXPECT_EQ(run.load(disk.path() / "checkpoint-1").step, 1);
}

}  // namespace
}  // namespace sure
