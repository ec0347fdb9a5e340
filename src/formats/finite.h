// Weights that a file should not have.
#pragma once

#include <filesystem>
#include <string>

#include "nn/parameters.h"

namespace sure {

/// Whether all numbers are, and fit fp32. Reads the whole tensor.
bool is_finite(const Tensor& tensor);

[[noreturn]] void fail_not_finite(const std::string& tensor, const std::filesystem::path& file);

/// Throws Error, naming file and tensor, for NaN, infinities and numbers that fp32 cannot hold.
void check_finite(const ParameterList& tensors, const std::filesystem::path& file);

}  // namespace sure
