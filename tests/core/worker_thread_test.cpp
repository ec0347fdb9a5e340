#include "core/worker_thread.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

namespace sure {
namespace {

TEST(WorkerThread, ComputesAloneAndLeavesTheCallerItsThreads) {
  at::set_num_threads(3);
  int alone = 0, caller = 0;
  // On a fresh thread, which takes its count when it first computes: as at::parallel_for, by this program's own note.
  std::jthread([&] {
    worker_thread([&](const std::stop_token&) { alone = at::get_num_threads(); }).join();
    at::internal::lazy_init_num_threads();
    caller = at::get_num_threads();
  }).join();
  EXPECT_EQ(alone, 1);
  EXPECT_EQ(caller, 3);
}

}  // namespace
}  // namespace sure
