// WavLM (Chen et al. 2022): wav2vec 2.0 whose attention also heeds how far frames lie apart.
#pragma once

#include <memory>

#include "backbone/backbone.h"

namespace sure {

std::unique_ptr<Backbone> build_wavlm(const BackboneConfig& config, ParameterSource& source);

}  // namespace sure
