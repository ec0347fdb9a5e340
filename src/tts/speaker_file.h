// A voice in a file.
#pragma once

#include <filesystem>

#include "core/tensor.h"

namespace sure {

/// A speaker's embedding, fp32 [width], of a .npy file with [width] or [1, width]. Throws Error naming the file for
/// another shape, numbers that are not finite, and a vector of zeros.
Tensor read_speaker(const std::filesystem::path& file, int64_t width);

}  // namespace sure
