// NumPy's .npy files, version 1.0: "\x93NUMPY", 1, 0, uint16 header length, a Python dict with dtype, order and shape
// that ends at a multiple of 64 bytes, then raw data (numpy.lib.format).
#pragma once

#include <filesystem>

#include "core/tensor.h"

namespace sure {

/// Writes an fp32 tensor of any shape as "<f4" in C order. Throws Error when the file cannot be written.
void write_npy(const std::filesystem::path& path, const Tensor& values);

/// Numbers as fp32, from "<f4", "<f8" or "<f2" in C order, of any shape, versions 1.0 to 3.0. Throws Error naming the
/// file for anything else.
Tensor read_npy(const std::filesystem::path& path);

}  // namespace sure
