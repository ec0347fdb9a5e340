// What speech_probe runs of FastSpeech 2.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "nn/parameters.h"

namespace sure {

using Tensors = std::map<std::string, Tensor>;

/// path, step, learned (batch statistics), steps, learning_rate; ids, symbols, speaker, mel, frames, hertz, energy ->
/// what it says, loss, grad.NAME, running.NAME and, of steps > 0, the loss before each step of AdamW.
ParameterList fastspeech2_known(const nlohmann::json& job, const Tensors& input);

/// path, rate, pitch, energy; ids, symbols, speaker -> mel, frames.
ParameterList fastspeech2_new(const nlohmann::json& job, const Tensors& input);

/// scores, frames, symbols -> prior, forward_sum, durations.
ParameterList align(const nlohmann::json& job, const Tensors& input);

/// hertz -> parts, statistics.
ParameterList find_contour(const nlohmann::json& job, const Tensors& input);

}  // namespace sure
