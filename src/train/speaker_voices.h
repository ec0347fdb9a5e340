// Whose voice each clip of a run is: embeddings from files, or from a verification model of ours.
#pragma once

#include <string>

#include "data/dataset.h"
#include "model/adapted_voice.h"
#include "train/observer.h"
#include "train/speech_options.h"

namespace sure {

struct SpeakerVoices {
  Voices by_name;    // empty for a model that takes none
  std::string only;  // where all clips share one

  /// Of a clip; undefined for a model that takes none.
  Tensor of(const Example& clip) const;
};

/// For a model that takes `width` numbers; 0: none. The flags must have passed check_speaker_flags. Throws Error naming
/// the file that is missing or does not fit.
SpeakerVoices find_voices(const SpeechRunConfig& config, const Dataset& data, int64_t width, TrainObserver& observer);

/// Throws a usage Error, naming the flags, unless there is a source of voices exactly where the model needs one.
void check_speaker_flags(const SpeechOptions& options, int64_t width);

}  // namespace sure
