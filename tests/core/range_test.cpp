#include "core/range.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "tests/support/errors.h"

namespace sure::test {
namespace {

using testing::HasSubstr;

constexpr Range kSteps = {"steps", 1}, kShare = {"share", 0, 0.5};

std::string refusal(const Range& range, double value) {
  return message_of([&] { check_range(range, value); });
}

TEST(Range, TakesItsEnds) {
  EXPECT_NO_THROW(check_range(kSteps, int64_t{1}));
  EXPECT_NO_THROW(check_range(kSteps, 1e6));
  EXPECT_NO_THROW(check_range(kShare, 0.0));
  EXPECT_NO_THROW(check_range(kShare, 0.5));
}

TEST(Range, NamesTheFlagAndWhatItTakes) {
  EXPECT_THAT(refusal(kSteps, 0), HasSubstr("--steps 0: expected at least 1"));
  EXPECT_THAT(refusal(kShare, 0.6), HasSubstr("--share 0.6: expected 0 to 0.5"));
}

TEST(Range, TakesFiniteNumbersOnly) {
  EXPECT_THAT(refusal(kSteps, std::numeric_limits<double>::quiet_NaN()), HasSubstr("--steps"));
  EXPECT_THAT(refusal(kSteps, std::numeric_limits<double>::infinity()), HasSubstr("--steps"));
}

}  // namespace
}  // namespace sure::test
