// The readers on real recordings, where they lie beside the project.
#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "core/error.h"
#include "data/batch.h"
#include "tasks/task_data.h"
#include "tests/support/datasets.h"
#include "tests/support/files.h"

namespace sure::test {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

class RealDatasets : public ::testing::Test {
 protected:
  void SetUp() override {
    if (shared_data().empty()) GTEST_SKIP() << "no recordings beside the project (SURE_SHARED_DATA)";
  }

  static DataOptions options(const std::string& dataset, const std::string& folder) {
    DataOptions options;
    options.dataset = dataset;
    options.data_dir = (shared_data() / folder).string();
    return options;
  }

  static void expect_readable(const std::vector<Example>& examples) {
    const Batch batch = load_batch(examples, {0, examples.size() / 2, examples.size() - 1}, {}, {}, false, 0);
    EXPECT_TRUE(batch.audio.isfinite().all().item<bool>());
    EXPECT_GT(batch.lengths.min().item<int64_t>(), 1000);
  }
};

}  // namespace

TEST_F(RealDatasets, Fsdd) {
  const Dataset data = read_dataset(options("fsdd", "fsdd"), "keyword");
  EXPECT_EQ(data.test.size(), 250U);
  EXPECT_EQ(data.valid.size(), 250U);  // 5 of the 45 of each digit and speaker
  EXPECT_EQ(data.train.size(), 2000U);
  EXPECT_EQ(targets_of(data.train).size(), 10U);
  expect_readable(data.train);
}

TEST_F(RealDatasets, SpeechCommandsIsIncompleteAndSaysSo) {
  DataOptions o = options("speech_commands", "speech_commands_v0.01");
  EXPECT_THROW(read_dataset(o, "keyword"), Error);
  o.allow_missing = true;
  const Dataset data = read_dataset(o, "keyword");
  EXPECT_EQ(data.train.size() + data.valid.size() + data.test.size(), 110U);
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("validation_list.txt"), HasSubstr("testing_list.txt"),
                                      HasSubstr("190 clips of 19 other words left out")));
  std::set<std::string> listed;
  std::ifstream list(shared_data() / "speech_commands_v0.01/testing_list.txt");
  for (std::string line; std::getline(list, line);) listed.insert(line);
  ASSERT_FALSE(data.test.empty());
  for (const Example& e : data.test) EXPECT_TRUE(listed.contains(e.target + "/" + e.path.stem().string() + ".wav"));
  for (const Example& e : data.train) EXPECT_FALSE(listed.contains(e.target + "/" + e.path.stem().string() + ".wav"));
  expect_readable(data.test);
}

TEST_F(RealDatasets, Vctk) {
  const Dataset data = read_dataset(options("vctk", "VCTK-Corpus"), "speaker");
  EXPECT_THAT(targets_of(data.train), ElementsAre("p225", "p226", "p227", "p228"));
  EXPECT_EQ(data.train.size(), 32U);
  EXPECT_EQ(data.valid.size(), 4U);
  EXPECT_EQ(data.test.size(), 4U);
  expect_readable(data.test);
}

}  // namespace sure::test
