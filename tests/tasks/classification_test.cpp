#include "tasks/rows.h"

#include <gmock/gmock.h>

#include "tests/support/datasets.h"
#include "tests/support/errors.h"

namespace sure {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Classification, LabelsAreSortedUnlessTheCorpusHasAnOrder) {
  Dataset data = test::dataset_with({"yes", "no", "yes"}, {"no"});
  EXPECT_THAT(class_labels(data, {}), ElementsAre("no", "yes"));
  data.labels = {"yes", "no"};
  EXPECT_THAT(class_labels(data, {}), ElementsAre("yes", "no"));
}

TEST(Classification, RefusesAHeldOutClassNeverTrained) {
  const Dataset data = test::dataset_with({"yes", "no"}, {"yes", "maybe"});
  EXPECT_THAT(test::message_of([&] { class_labels(data, {}); }),
              HasSubstr("clip1.wav: label 'maybe' of the test split is never seen in training"));
}

TEST(Classification, LossIsTheMeanCrossEntropy) {
  HeadOutput output;
  output.logits = torch::tensor({{1.0F, 2.0F}, {0.5F, -0.5F}});
  const Tensor targets = torch::tensor({{0}, {1}}, torch::kLong);
  const Tensor expected = torch::log1p(torch::exp(torch::tensor(1.0F)));  // log(1 + e) for either clip
  EXPECT_TRUE(torch::allclose(make_classification_objective({"a", "b"})->loss(output, targets).mean, expected));
}

TEST(Classification, ReadsTheLargestLogit) {
  const auto objective = make_classification_objective({"a", "b", "c"});
  HeadOutput output;
  output.logits = torch::tensor({{0.1F, 3.0F, 0.0F}, {2.0F, -1.0F, 0.0F}, {0.0F, 0.1F, 0.0F}});
  const std::vector<Prediction> predictions = objective->make_postprocessor({})(output);
  EXPECT_EQ(predictions.at(0).text, "b");
  EXPECT_EQ(predictions.at(1).text, "a");
  EXPECT_NEAR(predictions[0].score, torch::softmax(output.logits[0], 0)[1].item<double>(), 1e-6);
  EXPECT_FLOAT_EQ(predictions[1].logits.at(1), -1.0F);

  const std::vector<std::string> targets = {"b", "a", "c"};
  const Metrics metrics = objective->metrics(predictions, targets, in_order(3));
  EXPECT_NEAR(metrics.at("accuracy"), 2.0 / 3, 1e-12);
  EXPECT_NEAR(objective->metrics(predictions, targets, {2, 2, 0}).at("accuracy"), 1.0 / 3, 1e-12);
  const nlohmann::ordered_json rows = {{1, 0, 0}, {0, 1, 0}, {0, 1, 0}};
  const nlohmann::ordered_json details = objective->details(predictions, targets);
  EXPECT_EQ(details.at("confusion"), rows);
  const nlohmann::ordered_json of_b = {{"precision", 0.5}, {"recall", 1.0}, {"f1", 2.0 / 3}, {"support", 1}};
  EXPECT_EQ(details.at("per_class").at("b"), of_b);
  EXPECT_NEAR(metrics.at("uar"), 2.0 / 3, 1e-12);
}

TEST(Classification, NamesAnUnknownLabel) {
  const auto objective = make_classification_objective({"yes", "no"});
  EXPECT_THAT(objective->encode("no"), ElementsAre(1));
  EXPECT_THAT(test::message_of([&] { objective->encode("maybe"); }),
              HasSubstr("label 'maybe' is not one of the model's 2 labels (yes, no)"));
}

}  // namespace
}  // namespace sure
