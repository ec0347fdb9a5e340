#include "tasks/rows.h"

#include <gmock/gmock.h>

#include "tests/support/datasets.h"
#include "tests/support/errors.h"

namespace sure {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Labels kLabels = {"action:off", "action:on", "object:heat", "object:lights", "object:music", "location:none"};

TEST(Intent, LabelsAreTheClassesOfEachGroup) {
  const Dataset data =
      test::dataset_with({"on|lights|none", "off|heat|none", "on|music|none", "on|heat|none"}, {"off|lights|none"});
  EXPECT_EQ(intent_labels(data, {}), kLabels);
  const Dataset unseen = test::dataset_with({"on|lights|none"}, {"on|lights|kitchen"});
  EXPECT_THAT(test::message_of([&] { intent_labels(unseen, {}); }),
              HasSubstr("clip0.wav: 'location:kitchen' is never seen in training"));
}

TEST(Intent, RefusesATargetWithoutThreeParts) {
  Dataset data = test::dataset_with({"on|lights"});
  EXPECT_THAT(test::message_of([&] { prepare_intents(data, {}); }),
              HasSubstr("intent 'on|lights' has 2 parts, expected action|object|location"));
}

TEST(Intent, LossAddsTheGroupsCrossEntropies) {
  const auto objective = make_intent_objective(kLabels);
  EXPECT_THAT(objective->encode("on|heat|none"), ElementsAre(1, 2, 5));
  HeadOutput output;
  output.logits = torch::randn({2, 6});
  const Tensor targets = torch::tensor({{1, 2, 5}, {0, 4, 5}}, torch::kLong);
  const auto of = [&](int64_t clip, int64_t first, int64_t size, int64_t target) {
    return -torch::log_softmax(output.logits[clip].narrow(0, first, size), 0)[target - first];
  };
  const Tensor expected = (of(0, 0, 2, 1) + of(0, 2, 3, 2) + of(1, 0, 2, 0) + of(1, 2, 3, 4)) / 2;  // locations: 0
  EXPECT_TRUE(torch::allclose(objective->loss(output, targets).mean, expected, 1e-5, 1e-6));
}

TEST(Intent, IsRightWhenEveryGroupIs) {
  const auto objective = make_intent_objective(kLabels);
  HeadOutput output;
  output.logits = torch::tensor({{0.0F, 1.0F, 2.0F, 0.0F, 0.0F, 0.0F}, {3.0F, 1.0F, 0.0F, 0.0F, 2.0F, 9.0F}});
  const std::vector<Prediction> predictions = objective->make_postprocessor({})(output);
  EXPECT_EQ(predictions.at(0).text, "on|heat|none");
  EXPECT_EQ(predictions.at(1).text, "off|music|none");
  EXPECT_EQ(predictions[0].probabilities.size(), 6U);
  const Metrics metrics = objective->metrics(predictions, {"on|heat|none", "off|heat|none"}, in_order(2));
  EXPECT_DOUBLE_EQ(metrics.at("accuracy"), 0.5);
  EXPECT_DOUBLE_EQ(metrics.at("action_accuracy"), 1);
  EXPECT_DOUBLE_EQ(metrics.at("object_accuracy"), 0.5);
  EXPECT_DOUBLE_EQ(metrics.at("location_accuracy"), 1);
  const nlohmann::ordered_json scores =
      objective->details(predictions, {"on|heat|none", "off|heat|none"}).at("per_class");
  EXPECT_EQ(scores.size(), kLabels.size());
  EXPECT_EQ(scores.at("object:heat").at("support"), 2);
  EXPECT_EQ(scores.at("object:heat").at("recall"), 0.5);
  EXPECT_EQ(scores.at("object:heat").at("precision"), 1);
}

TEST(Intent, AllRightIsExactlyOne) {
  Prediction right;
  right.labels = {1, 2, 5};
  const Metrics metrics = make_intent_objective(kLabels)->metrics(
      std::vector<Prediction>(49, right), std::vector<std::string>(49, "on|heat|none"), in_order(49));
  EXPECT_EQ(metrics.at("accuracy"), 1);
  EXPECT_EQ(metrics.at("location_accuracy"), 1);
  EXPECT_EQ(metrics.at("uar"), 1);
}

TEST(Intent, RecallOfEachIntentCountsAlike) {
  const std::vector<std::string> targets = {"on|heat|none", "on|heat|none", "on|heat|none", "off|heat|none"};
  const auto objective = make_intent_objective(kLabels);
  Prediction heat_on;
  heat_on.labels = {1, 2, 5};
  const std::vector<Prediction> predictions(4, heat_on);
  EXPECT_EQ(objective->metrics(predictions, targets, in_order(4)).at("uar"), 0.5);
  const auto confusion = objective->details(predictions, targets).at("confusions").at("action");
  EXPECT_EQ(confusion.at("labels").size(), confusion.at("confusion").size());
  EXPECT_EQ(confusion.at("labels")[1], "on");
  EXPECT_EQ(confusion.at("confusion")[0][1], 1) << "off, taken for on";
  EXPECT_EQ(confusion.at("confusion")[1][1], 3);
}

}  // namespace
}  // namespace sure
