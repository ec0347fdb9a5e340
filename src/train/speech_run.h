// A whole run of a task that makes speech, as train/run.h has them.
#pragma once

#include "train/run.h"
#include "train/speech_options.h"

namespace sure {

/// As run_training, in one process. Throws a usage Error for options that a task of speech lacks.
RunOutcome run_speech_training(const SpeechRunConfig& config, bool overwrite, RunObserver& observer);

}  // namespace sure
