// Training that diverges ends with a line that says so.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/error.h"

namespace sure {

/// Throws Error where `value`, of `what` in step `step` (from 1), is not finite. `peak_rate`: the learning rate's.
inline void require_finite(const char* what, double value, int64_t step, double peak_rate) {
  if (std::isfinite(value)) return;
  fail("step {}: the {} is {}; use a lower --learning_rate (the peak is {:g} now)", step, what, value, peak_rate);
}

}  // namespace sure
