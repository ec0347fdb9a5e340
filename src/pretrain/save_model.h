// A pre-trained backbone as a Hugging Face folder: what HubertModel.from_pretrained and --model take.
#pragma once

#include <c10/core/ScalarType.h>

#include <filesystem>
#include <string>

#include "backbone/backbone.h"

namespace sure {

/// "fp32", "bf16" or "fp16". Throws a usage Error that lists them.
at::ScalarType find_save_dtype(const std::string& name);

/// Writes config.json, preprocessor_config.json and model.safetensors with weights of that type, in place of a folder
/// that stood there.
void save_model(const std::filesystem::path& folder, const Backbone& backbone, at::ScalarType dtype);

}  // namespace sure
