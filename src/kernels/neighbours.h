// Threads that wait without spinning as long as other programs want the processors that they spin on.
#pragma once

#include <thread>

namespace sure::kernels {

/// Watches the load of others while it lives; see ShortWaits. The numbers that are computed stay the same.
class NeighbourWatch {
 public:
  /// Of the pool of torch's threads. Does nothing where one thread computes alone, and where OMP_WAIT_POLICY or
  /// GOMP_SPINCOUNT says how to wait.
  NeighbourWatch();

 private:
  std::jthread watcher_;
};

}  // namespace sure::kernels
