// The architectures behind AcousticModel: one function for each row of acoustic_kinds().
#pragma once

#include "tts/acoustic_model.h"

namespace sure {

std::unique_ptr<AcousticModel> build_speecht5(const AcousticFolder& folder, ParameterSource& source);
std::unique_ptr<AcousticModel> build_fastspeech2(const AcousticFolder& folder, ParameterSource& source);

}  // namespace sure
