// safetensors: 8 bytes little-endian header length, a JSON header (name -> dtype, shape, data_offsets), then raw data.
// Format: https://github.com/huggingface/safetensors#format
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "nn/parameters.h"

namespace sure {

struct TensorFile {
  ParameterList tensors;  // in the order of their data
  std::map<std::string, std::string> metadata;
};

/// Maps the file read-only; the tensors share the mapping and keep it alive, so nothing is read before it is used.
/// They must not be written to. Throws Error, naming file and key, for a header that is too long or no JSON, an unknown
/// dtype, offsets that overlap, leave holes, pass the end or disagree with the shape.
TensorFile read_safetensors(const std::filesystem::path& path);

/// Writes to a temporary name, then renames. Any strided or device tensor is brought to contiguous CPU memory first.
void write_safetensors(const std::filesystem::path& path, const ParameterList& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace sure
