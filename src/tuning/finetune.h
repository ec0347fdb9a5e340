// Full fine-tuning: the backbone itself trains, but for what is told to stay frozen.
#pragma once

#include "tuning/method.h"

namespace sure {

void apply_finetune(const TuningOptions& options, AdapterSites& sites, ParameterList& backbone, const Scope& scope);

}  // namespace sure
