#include "core/range.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "tests/support/errors.h"

namespace sure::test {
namespace {

using testing::HasSubstr;

constexpr Range kRanges[] = {{"steps", 1}, {"share", 0, 0.5}};

std::string refusal(double steps, double share) {
  return message_of([&] { check_ranges({{"steps", steps}, {"share", share}}, kRanges); });
}

TEST(Range, TakesItsEnds) {
  EXPECT_NO_THROW(check_ranges({{"steps", 1}, {"share", 0.5}}, kRanges));
  EXPECT_NO_THROW(check_ranges({{"steps", 1000000}, {"share", 0.0}}, kRanges));
}

TEST(Range, NamesTheFlagAndWhatItTakes) {
  EXPECT_THAT(refusal(0, 0), HasSubstr("--steps 0: expected at least 1"));
  EXPECT_THAT(refusal(1, 0.6), HasSubstr("--share 0.6: expected 0 to 0.5"));
}

TEST(Range, TakesFiniteNumbersOnly) {
  EXPECT_THAT(refusal(std::numeric_limits<double>::quiet_NaN(), 0), HasSubstr("--steps"));
  EXPECT_THAT(refusal(std::numeric_limits<double>::infinity(), 0), HasSubstr("--steps"));
}

}  // namespace
}  // namespace sure::test
