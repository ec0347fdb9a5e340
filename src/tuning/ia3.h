// (IA)³ (Liu et al. 2022): vectors that scale the keys, the values and the inner activations of the feed-forward block,
// from ones.
#pragma once

#include "tuning/method.h"

namespace sure {

void apply_ia3(const TuningOptions& options, TuningTarget& target);

}  // namespace sure
