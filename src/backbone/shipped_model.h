// The pre-trained model that comes with the program: models/sure-tiny of the source tree, or of an installed copy.
#pragma once

#include <filesystem>
#include <string>

namespace sure {

constexpr const char* kShippedModel = "sure-tiny";

/// Its folder: $SURE_MODELS/sure-tiny, or models/sure-tiny beside the program, in the folder above it or the one above
/// that, or in ../share/sure, or sure-tiny in a folder of look_for_models_in. Throws Error, naming where it looked,
/// when it is nowhere.
std::string shipped_model_folder();

/// Another folder with models; true, as the public header (sure/sure.h) says.
bool look_for_models_in(const std::filesystem::path& folder);

/// Whether `model` means the shipped model: its name, and no folder of that name lies here.
bool is_shipped_model(const std::string& model);

}  // namespace sure
