#include "metrics/bootstrap.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "core/rng.h"
#include "core/tensor.h"
#include "tests/support/errors.h"

namespace sure {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Lt;
using ::testing::SizeIs;

MetricOfClips mean_of(const std::vector<double>& values) {
  return [&values](const std::vector<size_t>& clips) {
    double sum = 0;
    for (const size_t clip : clips) sum += values[clip];
    return sum / static_cast<double>(clips.size());
  };
}

std::vector<double> normal_values(int64_t count, uint64_t seed) {
  const Tensor drawn = torch::randn({count}, make_generator(seed), torch::kDouble);
  return {drawn.const_data_ptr<double>(), drawn.const_data_ptr<double>() + count};
}

TEST(Bootstrap, CoversTheTrueMeanAsOftenAsItPromises) {
  constexpr int kExperiments = 400;
  int covered = 0;
  for (int i = 0; i < kExperiments; ++i) {
    const std::vector<double> values = normal_values(60, i);
    const Interval interval = bootstrap(values.size(), mean_of(values), i, 0.9, 300);
    covered += interval.low <= 0 && 0 <= interval.high;
  }
  EXPECT_NEAR(static_cast<double>(covered) / kExperiments, 0.9, 0.05);  // 3 standard deviations of the share
}

TEST(Bootstrap, IsAsWideAsTheStandardErrorSays) {
  const std::vector<double> values = normal_values(400, 5);
  const Interval interval = bootstrap(values.size(), mean_of(values), 5, 0.95, 4000);
  EXPECT_NEAR(interval.high - interval.low, 2 * 1.96 / std::sqrt(400.0), 0.02);
}

TEST(Bootstrap, InterpolatesPercentilesAsNumpyDoes) {
  double next = 0;
  const Interval interval = bootstrap(2, [&](const auto&) { return next++; }, 1, 0.95, 1001);
  EXPECT_NEAR(interval.low, 25, 1e-9);
  EXPECT_NEAR(interval.high, 975, 1e-9);
  next = 0;
  const Interval between = bootstrap(2, [&](const auto&) { return next++; }, 1, 0.5, 4);
  EXPECT_NEAR(between.low, 0.75, 1e-9);
  EXPECT_NEAR(between.high, 2.25, 1e-9);
}

TEST(Bootstrap, DrawsAllClipsWithReplacement) {
  std::set<size_t> drawn;
  bool repeated = false;
  const auto metric_of = [&](const std::vector<size_t>& clips) {
    EXPECT_THAT(clips, SizeIs(5));
    EXPECT_THAT(clips, Each(Lt(5U)));
    const std::set<size_t> once(clips.begin(), clips.end());
    repeated = repeated || once.size() < clips.size();
    drawn.insert(once.begin(), once.end());
    return 0.0;
  };
  bootstrap(5, metric_of, 1, 0.95, 50);
  EXPECT_THAT(drawn, SizeIs(5));
  EXPECT_TRUE(repeated);
}

TEST(Bootstrap, DependsOnTheSeedOnly) {
  const std::vector<double> values = normal_values(50, 3);
  const Interval first = bootstrap(values.size(), mean_of(values), 7);
  const Interval again = bootstrap(values.size(), mean_of(values), 7);
  EXPECT_EQ(first.low, again.low);
  EXPECT_EQ(first.high, again.high);
  EXPECT_NE(first.low, bootstrap(values.size(), mean_of(values), 8).low);
}

TEST(Bootstrap, RefusesWhatHasNoInterval) {
  const auto constant = [](const auto&) { return 1.0; };
  const auto broken = [](const auto&) { return std::nan(""); };
  EXPECT_THAT(test::message_of([&] { bootstrap(1, constant, 1); }), HasSubstr("1 clips; an interval needs at least 2"));
  EXPECT_THAT(test::message_of([&] { bootstrap(5, constant, 1, 1.0); }), HasSubstr("confidence 1"));
  EXPECT_THAT(test::message_of([&] { bootstrap(5, constant, 1, 0.9, 0); }), HasSubstr("0 resamples"));
  EXPECT_THAT(test::message_of([&] { bootstrap(5, broken, 1); }), HasSubstr("resample 1 of 1000 is not a number"));
}

}  // namespace
}  // namespace sure
