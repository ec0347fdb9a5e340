// A pre-trained backbone as a Hugging Face folder: what HubertModel.from_pretrained and --model take.
#pragma once

#include <c10/core/ScalarType.h>

#include <filesystem>
#include <string>
#include <vector>

#include "backbone/backbone.h"
#include "core/owned_folder.h"

namespace sure {

std::vector<std::string> save_dtype_names();

/// "fp32", "bf16" or "fp16". Throws a usage Error that lists them.
at::ScalarType find_save_dtype(const std::string& name);

/// What save_model leaves.
const FolderKind& pretrained_model();

/// Writes config.json, preprocessor_config.json and model.safetensors with weights of that type. Throws and returns as
/// write_folder.
std::string save_model(const std::filesystem::path& folder, const Backbone& backbone, at::ScalarType dtype);

}  // namespace sure
