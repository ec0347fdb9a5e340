// The weights of a Hugging Face model folder, whatever their container.
#pragma once

#include <filesystem>
#include <string>

#include "nn/parameters.h"

namespace sure {

/// model.safetensors, model.safetensors.index.json (shards), pytorch_model.bin or pytorch_model.bin.index.json, the
/// first that is there. Throws Error when the folder has none, and for anything wrong inside, naming the file.
ParameterList read_checkpoint_folder(const std::filesystem::path& folder);

/// check_finite of what that gave, naming the file of the folder that has the tensor.
void check_finite_checkpoint(const ParameterList& tensors, const std::filesystem::path& folder);

/// Whether the folder has one of them.
bool has_checkpoint(const std::filesystem::path& folder);

/// A state dict saved by torch.save in the zip format, tensors only; any other pickled object is refused, and so is the
/// format before torch 1.6. The tensors share a read-only mapping of the file and must not be written to.
ParameterList read_pytorch_bin(const std::filesystem::path& path);

/// The same of a file that may keep its state dict under the name `entry` ("generator") of a dictionary.
ParameterList read_nested_pytorch_bin(const std::filesystem::path& path, const std::string& entry);

/// Hash (XXH3, 128 bits, hex) over names in sorted order, dtypes, shapes and bytes.
std::string fingerprint(const ParameterList& tensors);

}  // namespace sure
