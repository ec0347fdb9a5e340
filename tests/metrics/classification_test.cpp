#include "metrics/classification.h"

#include <gmock/gmock.h>

#include "tests/support/errors.h"
#include "tests/support/golden.h"

namespace sure {
namespace {

constexpr double kTolerance = 1e-12;

Tensor class_indices(const nlohmann::json& json) { return torch::tensor(json.get<std::vector<int64_t>>()); }

TEST(ClassificationMetrics, EqualScikitLearn) {
  const nlohmann::json file = test::read_golden("metrics/golden/classification.json");
  for (const auto& golden : file.at("cases")) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    const Tensor confusion =
        confusion_matrix(class_indices(golden.at("labels")), class_indices(golden.at("predicted")), golden["classes"]);
    for (int64_t row = 0; row < confusion.size(0); ++row) {
      EXPECT_TRUE(torch::equal(confusion[row], class_indices(golden["confusion"][row])));
    }
    EXPECT_NEAR(accuracy(confusion), golden["accuracy"], kTolerance);
    EXPECT_NEAR(weighted_f1(confusion), golden["f1"], kTolerance);
    EXPECT_NEAR(macro_f1(confusion), golden["macro_f1"], kTolerance);
    EXPECT_NEAR(unweighted_average_recall(confusion), golden["uar"], kTolerance);
    const std::vector<ClassScores> scores = class_scores(confusion);
    ASSERT_EQ(scores.size(), golden["class_f1"].size());
    for (size_t i = 0; i < scores.size(); ++i) {
      EXPECT_NEAR(scores[i].precision, golden["class_precision"][i], kTolerance);
      EXPECT_NEAR(scores[i].recall, golden["class_recall"][i], kTolerance);
      EXPECT_NEAR(scores[i].f1, golden["class_f1"][i], kTolerance);
      EXPECT_EQ(scores[i].support, golden["class_support"][i]);
    }
  }
}

TEST(ClassificationMetrics, OfNoClipsAreZero) {
  const Tensor none = torch::zeros({0}, torch::kLong);
  const Tensor confusion = confusion_matrix(none, none, 3);
  EXPECT_EQ(accuracy(confusion), 0);
  EXPECT_EQ(weighted_f1(confusion), 0);
  EXPECT_EQ(macro_f1(confusion), 0);
  EXPECT_EQ(unweighted_average_recall(confusion), 0);
  EXPECT_EQ(class_scores(confusion).size(), 3U);
  EXPECT_EQ(all_correct(torch::zeros({0, 3}, torch::kLong), torch::zeros({0, 3}, torch::kLong)), 0);
}

TEST(AllCorrect, CountsClipsWithoutAnyWrongLabel) {
  const Tensor labels = torch::tensor({{1, 5, 0}, {2, 3, 1}, {0, 0, 0}, {4, 1, 2}});
  const Tensor predicted = torch::tensor({{1, 5, 0}, {2, 3, 0}, {0, 0, 0}, {0, 0, 0}});
  EXPECT_DOUBLE_EQ(all_correct(predicted, labels), 0.5);
}

TEST(AllCorrect, RefusesOtherShapes) {
  const Tensor labels = torch::zeros({4, 3}, torch::kLong);
  EXPECT_THAT(test::message_of([&] { all_correct(labels.narrow(1, 0, 2), labels); }),
              ::testing::HasSubstr("predictions [4, 2] for labels [4, 3]"));
}

}  // namespace
}  // namespace sure
