#include "tasks/classification_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tasks/task.h"
#include "tests/support/golden.h"

namespace sure {
namespace {

constexpr double kTolerance = 1e-12;

Tensor class_indices(const nlohmann::json& json) { return torch::tensor(json.get<std::vector<int64_t>>()); }

TEST(ClassificationMetrics, EqualScikitLearn) {
  for (const auto& golden : test::read_golden("tasks/golden/metrics.json").at("cases")) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    const Tensor confusion =
        confusion_matrix(class_indices(golden.at("labels")), class_indices(golden.at("predicted")), golden["classes"]);
    for (int64_t row = 0; row < confusion.size(0); ++row) {
      EXPECT_TRUE(torch::equal(confusion[row], class_indices(golden["confusion"][row])));
    }
    EXPECT_NEAR(accuracy(confusion), golden["accuracy"], kTolerance);
    EXPECT_NEAR(weighted_f1(confusion), golden["f1"], kTolerance);
    EXPECT_NEAR(macro_f1(confusion), golden["macro_f1"], kTolerance);
  }
}

TEST(ClassificationMetrics, OfNoClipsAreZero) {
  const Tensor none = torch::zeros({0}, torch::kLong);
  const Tensor confusion = confusion_matrix(none, none, 3);
  EXPECT_EQ(accuracy(confusion), 0);
  EXPECT_EQ(weighted_f1(confusion), 0);
  EXPECT_EQ(macro_f1(confusion), 0);
}

TEST(ClassificationMetrics, OfATaskTakeTheLargestLogit) {
  Predictions predictions;
  predictions.logits = torch::tensor({{0.1F, 3.0F, 0.0F}, {2.0F, -1.0F, 0.0F}, {0.0F, 0.1F, 0.0F}});
  predictions.labels = torch::tensor({1, 0, 2}, torch::kLong);
  for (const Task& task : tasks()) {
    const Metrics metrics = task.metrics(predictions);
    EXPECT_NEAR(metrics.at("accuracy"), 2.0 / 3, kTolerance) << task.name;
    std::vector<std::string> names;
    for (const auto& metric : metrics) names.push_back(metric.first);
    EXPECT_THAT(task.metric_names, testing::UnorderedElementsAreArray(names)) << task.name;
    EXPECT_TRUE(metrics.contains(task.metric)) << task.name;
  }
}

}  // namespace
}  // namespace sure
