// Full fine-tuning: the backbone itself trains, but for what is told to stay frozen.
#pragma once

#include "tuning/method.h"

namespace sure {

void apply_finetune(const TuningOptions& options, TuningTarget& target);

}  // namespace sure
