// A language of an MMS checkpoint (Pratap et al. 2023): its attention adapters and its CTC head lie beside the
// checkpoint in a file of their own, which transformers' load_adapter reads.
#pragma once

#include <filesystem>
#include <string>

#include "nn/parameters.h"

namespace sure {

/// adapter.LANGUAGE.safetensors or adapter.LANGUAGE.bin of a model folder. Throws Error that lists the languages of the
/// folder when it has neither.
ParameterList read_language(const std::filesystem::path& folder, const std::string& language);

}  // namespace sure
