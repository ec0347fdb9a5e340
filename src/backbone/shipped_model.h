// The pre-trained model that comes with the program: models/sure-tiny of the source tree, or of an installed copy.
#pragma once

#include <filesystem>
#include <string>

namespace sure {

constexpr const char* kShippedModel = "sure-tiny";

/// The folder that `model` names: for "sure-tiny", unless a folder of that name lies here, $SURE_MODELS/sure-tiny, or
/// models/sure-tiny beside the program, in the folder above it, or in ../share/sure; `model` itself for all others.
/// Throws Error, naming where it looked, when the shipped model is nowhere.
std::string shipped_model_folder(const std::string& model);

}  // namespace sure
