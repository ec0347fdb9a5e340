#include "train/epoch_batches.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "audio/audio.h"
#include "tests/support/audio.h"
#include "tests/support/environment.h"
#include "tests/support/files.h"

namespace sure {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using Batches = std::vector<std::vector<size_t>>;

struct Told : TrainObserver {
  void on_message(const std::string& message) override { messages.push_back(message); }
  void on_preparation(const std::string&, int64_t done, int64_t total) override { progress = {done, total}; }

  std::vector<std::string> messages;
  std::pair<int64_t, int64_t> progress;  // the last one
};

/// Ten clips of 0.2 s and ten of 0.5 s in turn.
class EpochBatchesTest : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 20; ++i) {
      examples.push_back({.path = folder / fmt::format("data/{}.wav", i), .target = "", .speaker = ""});
      test::write_wav(examples.back().path, at::zeros({i % 2 == 0 ? 3200 : 8000}));
    }
    config.data.data_dir = (folder / "data").string();
    config.train.per_device_train_batch_size = 6;
  }

  EpochBatches batches(int64_t max_samples = 0) {
    told = {};
    return {examples, config, max_samples, told};
  }

  static std::vector<size_t> sizes(const Batches& epoch) {
    std::vector<size_t> all;
    for (const auto& batch : epoch) all.push_back(batch.size());
    return all;
  }

  const test::TemporaryFolder folder;
  const test::Environment cache{"XDG_CACHE_HOME", (folder / "cache").c_str()};
  std::vector<Example> examples;
  RunConfig config;
  Told told;
};

TEST_F(EpochBatchesTest, ShuffleOrGroupANumberOfClips) {
  const Batches shuffled = batches().draw(3);
  EXPECT_THAT(sizes(shuffled), ElementsAre(6, 6, 6, 2));
  config.train.group_by_length = true;
  const EpochBatches grouped = batches();
  EXPECT_EQ(grouped.draw(0).size(), 4);
  EXPECT_NE(grouped.draw(3), shuffled);
  EXPECT_THAT(grouped.draw(3)[0][0] % 2, 1U) << "the longest clip comes first";
  EXPECT_THAT(told.messages, IsEmpty());
}

TEST_F(EpochBatchesTest, FillSeconds) {
  config.train.batch_seconds = 2.1;
  const EpochBatches filled = batches();
  EXPECT_EQ(filled.draw(0).size(), 4);
  EXPECT_NE(filled.draw(1), filled.draw(2));
  EXPECT_THAT(sizes(filled.draw(1)), UnorderedElementsAre(4, 4, 4, 8));
}

TEST_F(EpochBatchesTest, CountClipsAsTheyAreCutAndSlowed) {
  config.train.batch_seconds = 2.1;
  EXPECT_THAT(sizes(batches(/*max_samples=*/3200).draw(1)), ElementsAre(10, 10));
  config.train.speed_perturbation = 0.5;
  EXPECT_THAT(sizes(batches().draw(1)), Contains(2).Times(5)) << "0.5 s may become 1 s";
  EXPECT_THAT(sizes(batches(/*max_samples=*/3200).draw(1)), ElementsAre(10, 10));
}

TEST_F(EpochBatchesTest, KeepTheLengthsInTheIndexOfTheDataSet) {
  config.train.batch_seconds = 2;
  batches();
  EXPECT_THAT(told.messages, ElementsAre(HasSubstr("20 clips")));
  EXPECT_EQ(told.progress, std::pair(int64_t{20}, int64_t{20}));
  const std::filesystem::path index = folder / "cache/sure/index";
  const std::vector<std::filesystem::path> files{std::filesystem::directory_iterator(index), {}};
  ASSERT_THAT(files, SizeIs(1));
  std::filesystem::resize_file(files[0], 20);
  batches();
  EXPECT_THAT(told.messages, Contains(HasSubstr("damaged")));
}

}  // namespace
}  // namespace sure
