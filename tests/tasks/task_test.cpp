#include "tasks/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tasks/synthesis.h"

namespace sure {
namespace {

TEST(Task, IsFoundByNameAndAliasInAnyCase) {
  EXPECT_EQ(find_task("emotion").name, "emotion");
  EXPECT_EQ(find_task("SER").name, "emotion");
  EXPECT_EQ(find_task("sr").name, "speaker");
  EXPECT_EQ(find_task("Ks").name, "keyword");
  EXPECT_EQ(find_task("Classify").name, "classify");
}

TEST(Task, UnknownNameListsTheKnownOnes) {
  try {
    find_task("emotions");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("emotions"), testing::HasSubstr("keyword")));
  }
}

TEST(Task, OriginalDefaults) {
  EXPECT_EQ(find_task("SER").metric, "f1");
  EXPECT_EQ(find_task("SR").metric, "accuracy");
  EXPECT_EQ(find_task("KS").metric, "accuracy");
  EXPECT_EQ(find_task("ASR").metric, "wer");
  EXPECT_EQ(find_task("SV").metric, "eer");
  EXPECT_EQ(find_task("SR").finetune_freezes_layers, 20);
  EXPECT_EQ(find_task("SER").max_samples, 40000);
  EXPECT_EQ(find_task("IC").max_samples, 220000);
  EXPECT_EQ(find_task("IC").early_stopping_patience, 3);
  EXPECT_EQ(find_task("PR").lr_scheduler_type, "three_phase");
  EXPECT_EQ(find_task("KS").lr_scheduler_type, "linear");
}

TEST(Task, EachRowIsComplete) {
  for (const Task& task : tasks()) {
    SCOPED_TRACE(task.name);
    EXPECT_TRUE(task.prepare != nullptr);
    if (makes_speech(task)) continue;
    EXPECT_THAT(task.metric_names, testing::Contains(task.metric));
    EXPECT_TRUE(task.labels != nullptr);
    EXPECT_TRUE(task.make_head != nullptr && task.make_objective != nullptr);
    EXPECT_TRUE(task.padding != Padding::max_length || task.max_samples > 0);
  }
}

TEST(Task, HelpNamesThemAllWithTheirAliases) {
  EXPECT_THAT(describe_tasks(), testing::HasSubstr("emotion (SER, which emotion the voice shows), speaker (SR, "));
  EXPECT_THAT(describe_tasks(), testing::HasSubstr("asr (what is said), phoneme (PR, "));
}

}  // namespace
}  // namespace sure
