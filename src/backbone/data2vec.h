// data2vec for audio (Baevski et al. 2022): wav2vec 2.0 with other positions.
#pragma once

#include <memory>
#include <string>

#include "backbone/backbone.h"

namespace sure {

std::unique_ptr<Backbone> build_data2vec(const BackboneConfig& config, ParameterSource& source);

/// What its config.json does not say: a layer norm after each convolution of the front-end, norms behind the encoder's
/// blocks. Throws Error for a config.json that says otherwise.
void settle_data2vec(BackboneConfig& config, const std::string& origin);

}  // namespace sure
