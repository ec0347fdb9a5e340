#include "metrics/classification.h"

#include <gtest/gtest.h>

#include "tests/support/golden.h"

namespace sure {
namespace {

constexpr double kTolerance = 1e-12;

Tensor class_indices(const nlohmann::json& json) { return torch::tensor(json.get<std::vector<int64_t>>()); }

TEST(ClassificationMetrics, EqualScikitLearn) {
  for (const auto& golden : test::read_golden("metrics/golden/classification.json").at("cases")) {
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

}  // namespace
}  // namespace sure
