#include "metrics/verification.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/rng.h"
#include "tests/support/errors.h"
#include "tests/support/golden.h"

namespace sure {
namespace {

using ::testing::HasSubstr;

constexpr double kTolerance = 1e-9;

Tensor scores_of(const std::vector<double>& scores) { return torch::tensor(scores, torch::kDouble); }
Tensor labels_of(const std::vector<int64_t>& labels) { return torch::tensor(labels); }

TEST(Verification, EqualsScikitLearn) {
  const nlohmann::json file = test::read_golden("metrics/golden/verification.json");
  for (const auto& golden : file.at("cases")) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    const auto points = operating_points(scores_of(golden.at("scores")), labels_of(golden.at("labels")));
    const EqualErrorRate equal = equal_error_rate(points);
    EXPECT_NEAR(equal.rate, golden["eer"], kTolerance);
    EXPECT_NEAR(equal.threshold, golden["threshold"], kTolerance);
    EXPECT_NEAR(min_detection_cost(points), golden["min_dcf"], kTolerance);
    EXPECT_NEAR(min_detection_cost(points, {.p_target = 0.5}), golden["min_dcf_half"], kTolerance);
    EXPECT_NEAR(min_detection_cost(points, {.p_target = 0.01, .c_miss = 10, .c_false_acceptance = 2}),
                golden["min_dcf_dear"], kTolerance);
  }
}

TEST(Verification, TakesTiedTrialsTogetherInAnyOrder) {
  const auto points = operating_points(scores_of({0.5, 0.5, 0.5, 0.2}), labels_of({1, 0, 1, 0}));
  ASSERT_EQ(points.size(), 3U);
  EXPECT_EQ(points[0].threshold, std::numeric_limits<double>::infinity());
  EXPECT_EQ(points[1].threshold, 0.5);
  EXPECT_EQ(points[1].false_acceptance, 0.5);
  EXPECT_EQ(points[1].miss, 0);
  EXPECT_EQ(points[2].false_acceptance, 1);
}

TEST(Verification, OfAMillionTrialsIsWhatTheirDistributionSays) {
  const at::Generator generator = make_generator(1314);
  const Tensor labels = torch::arange(1'000'000).remainder(2);
  const Tensor scores = torch::randn({1'000'000}, generator, torch::kFloat) + 2 * labels;
  const EqualErrorRate equal = equal_error_rate(operating_points(scores, labels));
  EXPECT_NEAR(equal.rate, std::erfc(1 / std::sqrt(2.0)) / 2, 0.002);  // two normal distributions, 2 deviations apart
  EXPECT_NEAR(equal.threshold, 1, 0.01);
}

TEST(Verification, RefusesTrialsWithoutAnAnswer) {
  const auto message = [](const std::vector<double>& scores, const std::vector<int64_t>& labels) {
    return test::message_of([&] { operating_points(scores_of(scores), labels_of(labels)); });
  };
  EXPECT_THAT(message({0.1, 0.2}, {1, 1}), HasSubstr("2 trials of the same speaker and 0 of different ones"));
  EXPECT_THAT(message({}, {}), HasSubstr("0 trials of the same speaker and 0 of different ones"));
  EXPECT_THAT(message({0.1, std::nan("")}, {0, 1}), HasSubstr("1 of 2 scores are not finite"));
  EXPECT_THAT(message({0.1, 0.2}, {0, 2}), HasSubstr("labels other than 0"));
  EXPECT_THAT(message({0.1, 0.2, 0.3}, {0, 1}), HasSubstr("3 scores and 2 labels"));
}

TEST(Verification, RefusesImpossibleCosts) {
  const auto points = operating_points(scores_of({0.1, 0.2}), labels_of({0, 1}));
  EXPECT_THAT(test::message_of([&] { min_detection_cost(points, {.p_target = 1}); }), HasSubstr("p_target is 1"));
  EXPECT_THAT(test::message_of([&] { min_detection_cost(points, {.c_miss = 0}); }), HasSubstr("costs 0 and 1"));
}

}  // namespace
}  // namespace sure
