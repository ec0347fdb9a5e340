// NumPy's .npy files, version 1.0: "\x93NUMPY", 1, 0, uint16 header length, a Python dict with dtype, order and shape
// that ends at a multiple of 64 bytes, then raw data (numpy.lib.format).
#pragma once

#include <filesystem>

#include "core/tensor.h"

namespace sure {

/// Writes an fp32 tensor of any shape as "<f4" in C order. Throws Error when the file cannot be written.
void write_npy(const std::filesystem::path& path, const Tensor& values);

}  // namespace sure
