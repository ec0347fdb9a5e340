// BitFit (Ben Zaken et al. 2022): the biases of the transformer's layers train, those of their norms too.
#pragma once

#include "tuning/method.h"

namespace sure {

void apply_bitfit(const TuningOptions& options, TuningTarget& target);

}  // namespace sure
