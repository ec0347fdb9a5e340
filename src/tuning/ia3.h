// (IA)³ (Liu et al. 2022): vectors that scale the keys, the values and the inner activations of the feed-forward block,
// from ones.
#pragma once

#include "tuning/method.h"

namespace sure {

/// Of the scale at a projection: [out, 1] of keys and values, [1, in] of the feed-forward block's last layer; empty at
/// others, which are not scaled.
std::vector<int64_t> ia3_shape(const Site& site);

void apply_ia3(const TuningOptions& options, TuningTarget& target);

}  // namespace sure
