#include "core/worker_thread.h"

#include <ATen/Parallel.h>

namespace sure {

namespace {

/// at::set_num_threads is for its own thread, and for every one that has not taken its count yet. Whether a thread has
/// is kept by an inline function, hence twice: in libtorch, and here for at::parallel_for.
void take_thread_count() {
  at::get_num_threads();
  at::internal::lazy_init_num_threads();
}

}  // namespace

std::jthread worker_thread(std::function<void(const std::stop_token&)> work) {
  take_thread_count();
  return std::jthread([work = std::move(work)](const std::stop_token& stop) {
    at::set_num_threads(1);
    work(stop);
  });
}

}  // namespace sure
