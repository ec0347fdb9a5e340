#include "kernels/short_waits.h"

#include <omp.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <semaphore>

namespace sure::kernels {

namespace {

/// libgomp counts the threads of a team that stay for its next one.
void make_team(int threads) {
#pragma omp parallel num_threads(threads)
  {
  }
}

void sleep_until(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait(lock, stop, [] { return false; });
}

}  // namespace

ShortWaits::ShortWaits(int threads) {
  std::binary_semaphore counted(0);
  const int missing = std::max(omp_get_num_procs() - threads + 1, 1);
  sleepers_ = std::jthread([&counted, missing](const std::stop_token& stop) {
    make_team(missing + 1);
    counted.release();
    sleep_until(stop);
  });
  counted.acquire();
}

}  // namespace sure::kernels
