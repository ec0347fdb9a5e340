// LoRA (Hu et al. 2022): y = x Wᵀ + scaling · x Aᵀ Bᵀ with W frozen; A ~ Kaiming uniform (a = √5), B = 0.
#pragma once

#include "tuning/method.h"

namespace sure {

/// The names of all linear layers that can be adapted: "encoder.layers.0.attention.q_proj" …,
/// "feature_projection.projection".
std::vector<std::string> linear_layers(const SiteList& sites);

void apply_lora(const TuningOptions& options, TuningTarget& target);

}  // namespace sure
