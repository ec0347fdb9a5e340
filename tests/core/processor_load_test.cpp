#include "core/processor_load.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace sure {
namespace {

TEST(ProcessorLoad, CountsTheProcessorsThatOneMayRunOn) {
  const std::string stat =
      "cpu  900 0 900 900 900 0 0 0 0 0\n"
      "cpu0 100 10 40 5000 300 5 5 40 7 3\n"
      "cpu1 1000 0 0 0 0 0 0 0 0 0\n"
      "cpu10 50 0 0 0 0 0 0 0 0 0\n"
      "intr 12 13\n";
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  EXPECT_DOUBLE_EQ(busy_seconds(stat, {0, 2}) * ticks, 200) << "neither idle, nor waiting, nor guests twice";
  EXPECT_DOUBLE_EQ(busy_seconds(stat, {1, 10}) * ticks, 1050);
  EXPECT_EQ(busy_seconds("", {0}), 0);
  EXPECT_EQ(busy_seconds("cpu0 x\n", {0}), 0);
  EXPECT_FALSE(own_processors().empty());
}

TEST(ProcessorLoad, OwnWorkIsNotForeign) {
  ForeignLoad load;
  EXPECT_GE(load.measure(), 0);
  EXPECT_LE(load.measure(), 1e3);
}

}  // namespace
}  // namespace sure
