// Weights that a file should not have.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "nn/parameters.h"

namespace sure {

/// What a tensor holds that no model can compute with, "NaN or infinite values" (in fp32) or "3e+38 …"; none where all
/// is well. Reads the whole tensor.
std::optional<std::string> fault_of(const Tensor& tensor);

/// Throws Error that names the tensor and its file.
[[noreturn]] void fail_damaged(const std::string& tensor, const std::string& fault, const std::filesystem::path& file);

/// fail_damaged for the first tensor that has a fault.
void check_finite(const ParameterList& tensors, const std::filesystem::path& file);

}  // namespace sure
