// Bottleneck adapter (Houlsby et al. 2019): x + up(ReLU(down(x))), D -> D / reduction -> D, weights N(0, 0.02).
#pragma once

#include "tuning/method.h"

namespace sure {

void apply_bottleneck(const TuningOptions& options, TuningTarget& target);

}  // namespace sure
