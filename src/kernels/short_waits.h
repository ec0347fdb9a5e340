// How OpenMP's threads wait for each other: they spin for milliseconds, which is the quickest way where each has a
// processor to itself. Where another program wants one, the thread that spins takes the time of the one it waits for.
#pragma once

#include <thread>

namespace sure::kernels {

/// While it lives, threads that wait fall asleep after some hundred turns. libgomp does so when it has more threads
/// than processors; this gives it as many that sleep. Elsewhere, and where OMP_WAIT_POLICY or GOMP_SPINCOUNT is set,
/// waits stay as they are. `threads`: of the pool that computes.
class ShortWaits {
 public:
  explicit ShortWaits(int threads);

 private:
  std::jthread sleepers_;
};

}  // namespace sure::kernels
