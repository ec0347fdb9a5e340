// Prefix tuning (Li and Liang 2021): P trained keys and values per layer before those of self-attention, from one
// embedding [P, L · 2 · D], or from a smaller one through Linear -> tanh -> Linear (re-parameterisation).
#pragma once

#include "tuning/method.h"

namespace sure {

void apply_prefix(const TuningOptions& options, TuningTarget& target);

}  // namespace sure
