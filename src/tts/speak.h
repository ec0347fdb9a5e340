// Frames from characters, one step after the other until the model says that it has ended.
#pragma once

#include <vector>

#include "tts/acoustic_model.h"
#include "tts/speecht5.h"

namespace sure {

/// Several texts at once, which takes little longer than one: a step mostly waits for the weights. Each text: ids int64
/// [S] with the end token; speaker: x-vector fp32 [E] or undefined. But for the dropout that is always on, which all
/// share, a text's speech does not depend on the others.
std::vector<Speech> speak(const SpeechT5& model, const std::vector<Tensor>& texts, const Tensor& speaker,
                          const SpeakOptions& options = {}, const ForwardContext& pass = {});

}  // namespace sure
