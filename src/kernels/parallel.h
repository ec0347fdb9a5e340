// Work on all threads of torch's pool, for files that must not include torch (they are compiled for another processor).
#pragma once

#include <cstdint>
#include <type_traits>

namespace sure::kernels {

/// Threads that in_parallel uses: torch's.
int64_t threads();

/// Calls body(context, begin, end) on parts of [0, count).
void run_parts(int64_t count, void (*body)(void* context, int64_t begin, int64_t end), void* context);

/// Calls body(begin, end) on parts of [0, count), one for each thread.
template <class Body>
void in_parallel(int64_t count, Body&& body) {
  using Plain = std::remove_reference_t<Body>;
  run_parts(
      count, [](void* context, int64_t begin, int64_t end) { (*static_cast<Plain*>(context))(begin, end); }, &body);
}

}  // namespace sure::kernels
