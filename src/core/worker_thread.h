// Threads beside the one that computes: they read and prepare what it needs next.
#pragma once

#include <functional>
#include <stop_token>
#include <thread>

namespace sure {

/// Runs `work` on a new thread, whose tensor operations stay on it: a second team of OpenMP threads would take the
/// cores from the calling thread, which keeps its own.
std::jthread worker_thread(std::function<void(const std::stop_token&)> work);

}  // namespace sure
