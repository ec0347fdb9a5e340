#include "tasks/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

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
  EXPECT_EQ(find_task("SR").finetune_freezes_layers, 20);
  for (const Task& task : tasks()) EXPECT_EQ(task.max_samples, 40000) << task.name;
}

TEST(Task, LossIsTheMeanCrossEntropy) {
  const Tensor logits = torch::tensor({{1.0F, 2.0F}, {0.5F, -0.5F}});
  const Tensor labels = torch::tensor({0, 1}, torch::kLong);
  const Tensor expected = (torch::log1p(torch::exp(torch::tensor(1.0F))) * 2) / 2;  // log(1 + e) for either clip
  for (const Task& task : tasks()) EXPECT_TRUE(torch::allclose(task.loss(logits, labels), expected)) << task.name;
}

}  // namespace
}  // namespace sure
