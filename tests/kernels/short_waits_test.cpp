#include "kernels/short_waits.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "kernels/parallel.h"

namespace sure::test {
namespace {

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/// That threads spend on waiting for one that sleeps.
double seconds_of_waiting() {
  const double start = processor_seconds();
  for (int i = 0; i < 20; ++i) {
    kernels::in_parallel(kernels::threads(), [](int64_t begin, int64_t) {
      if (begin == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    });
  }
  return processor_seconds() - start;
}

TEST(ShortWaits, ThreadsFallAsleep) {
  if (kernels::threads() < 2 || std::getenv("OMP_WAIT_POLICY") != nullptr)
    GTEST_SKIP() << "needs two threads that spin";
  seconds_of_waiting();
  const double spinning = seconds_of_waiting();
  {
    const kernels::ShortWaits shortened(static_cast<int>(kernels::threads()));
    EXPECT_LT(seconds_of_waiting(), spinning / 4);
  }
  EXPECT_GT(seconds_of_waiting(), spinning / 4) << "as before";
}

}  // namespace
}  // namespace sure::test
