// Frames from characters, one step after the other until the model says that it has ended.
#pragma once

#include "tts/speecht5.h"

namespace sure {

struct SpeakOptions {
  double threshold = 0.5;  // probability of the end, summed over a step's frames, that ends the speech
  double most = 20;        // frames a character, at which it ends in any case
};

struct Speech {
  Tensor mel;          // fp32 [T, mels], behind the post-net
  bool ended = false;  // false: cut at the most frames
};

/// ids: int64 [S], with the end token; speaker: x-vector fp32 [E] or undefined.
Speech speak(const SpeechT5& model, const Tensor& ids, const Tensor& speaker, const SpeakOptions& options = {});

}  // namespace sure
