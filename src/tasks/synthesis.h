// Tasks that make speech: what they train is no encoder with a head, but an acoustic model (tts/acoustic_model.h).
#pragma once

#include "tasks/task.h"

namespace sure {

/// Such a row has neither labels nor a head nor an objective.
bool makes_speech(const Task& task);

}  // namespace sure
