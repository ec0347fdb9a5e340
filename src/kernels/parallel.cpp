#include "kernels/parallel.h"

#include <ATen/Parallel.h>

#if !defined(_OPENMP) && !defined(__clang_analyzer__)
#error "compile this file with OpenMP, or torch's loops run on one thread"
#endif

namespace sure::kernels {

int64_t threads() { return at::in_parallel_region() ? 1 : at::get_num_threads(); }

void run_parts(int64_t count, void (*body)(void* context, int64_t begin, int64_t end), void* context) {
  at::parallel_for(0, count, /*grain_size=*/1, [&](int64_t begin, int64_t end) { body(context, begin, end); });
}

}  // namespace sure::kernels
