#include "train/schedule.h"

#include <gtest/gtest.h>

#include "core/registry.h"
#include "tests/support/golden.h"

namespace sure {
namespace {

TEST(Schedule, EqualsTransformers) {
  for (const auto& golden : test::golden_cases("train/golden/schedules.json")) {
    const Schedule& schedule = find_row(schedules(), golden["schedule"].get<std::string>(), "schedule");
    const ScheduleOptions options{golden["total_steps"], golden["warmup_steps"]};
    for (int64_t step = 0; step < options.total_steps; ++step) {
      EXPECT_NEAR(schedule.factor(options, step), golden["factors"][static_cast<size_t>(step)], 1e-12)
          << schedule.name << " of " << options.total_steps << " steps, " << options.warmup_steps
          << " of warm-up, step " << step;
    }
  }
}

TEST(Schedule, StaysWithinZeroAndOneWhateverTheWarmUp) {
  for (const Schedule& schedule : schedules()) {
    for (const int64_t warmup : {0, 1, 7, 10}) {
      for (int64_t step = 0; step < 10; ++step) {
        const double factor = schedule.factor({10, warmup}, step);
        EXPECT_TRUE(factor >= 0 && factor <= 1) << schedule.name << " warm-up " << warmup << " step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace sure
