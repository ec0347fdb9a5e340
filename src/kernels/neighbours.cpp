#include "kernels/neighbours.h"

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <optional>

#include "core/clock.h"
#include "core/processor_load.h"
#include "kernels/parallel.h"
#include "kernels/short_waits.h"

namespace sure::kernels {

namespace {

constexpr std::chrono::milliseconds kPeriod{200};
constexpr std::chrono::seconds kHold{2};  // behind their last work
constexpr double kNoticed = 0.15;         // of a processor; less is the system's own work

/// False when it is time to end.
bool wait(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  return !never.wait_for(lock, stop, time, [&] { return stop.stop_requested(); });
}

void watch(const std::stop_token& stop, int threads) {
  const auto processors = static_cast<double>(own_processors().size());
  ForeignLoad load;
  std::optional<ShortWaits> shortened;
  Clock::time_point until;
  while (wait(stop, kPeriod)) {
    const double foreign = load.measure();
    const bool crowded = foreign > kNoticed && threads + foreign > processors;
    if (crowded) until = Clock::now() + kHold;
    if (crowded && !shortened) shortened.emplace(threads);
    if (shortened && Clock::now() > until) shortened.reset();
  }
}

}  // namespace

NeighbourWatch::NeighbourWatch() {
  const bool is_told = std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr;
  const auto pool = static_cast<int>(threads());
  if (is_told || pool < 2) return;
  watcher_ = std::jthread([pool](const std::stop_token& stop) { watch(stop, pool); });
}

}  // namespace sure::kernels
