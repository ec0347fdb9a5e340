// HiFi-GAN's files: what the three layouts in use have in common is a config.json and a state dict.
#pragma once

#include <filesystem>

#include "nn/parameters.h"
#include "vocoder/hifigan.h"

namespace sure {

/// Of the original's config.json or, told by its "model_type", a Hugging Face one. `origin`: the file. Throws Error for
/// values that make no generator.
HifiGanConfig parse_hifigan_config(const nlohmann::json& json, const std::string& origin);

/// The tensors under the names that HifiGan builds, pairs of weight norm (weight_g and weight_v, or original0 and
/// original1) made one weight.
ParameterList fold_weight_norm(const ParameterList& tensors);

}  // namespace sure
