// LoRA (Hu et al. 2022): y = x Wᵀ + scaling · x Aᵀ Bᵀ with W frozen; A ~ Kaiming uniform (a = √5), B = 0.
#pragma once

#include "tuning/method.h"

namespace sure {

void apply_lora(const TuningOptions& options, AdapterSites& sites, ParameterList& backbone, const Scope& scope);

}  // namespace sure
