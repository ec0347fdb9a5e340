// Adapters that speak, as Python reads them.
#pragma once

#include <filesystem>

#include "model/adapted_voice.h"

namespace sure {

/// Format "peft": LoRA as a PEFT folder for the same base model; "hf": the whole model with the adapter merged into its
/// weights, in its own format (SpeechT5: for from_pretrained of SpeechT5ForTextToSpeech). Throws a usage Error for a
/// method that the format cannot hold, and for an unknown format.
void export_voice(const AdaptedVoice& voice, const std::string& format, const std::filesystem::path& folder);

}  // namespace sure
