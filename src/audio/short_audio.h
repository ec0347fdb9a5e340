// Recordings that are heard whole, decoded once: whether one is short enough is often known only at its end.
#pragma once

#include <filesystem>
#include <optional>

#include "core/tensor.h"

namespace sure {

/// The samples of a whole file of at most `most` at 16 kHz (0 = any number), fp32 [S]; nothing for a longer one, which
/// is not read to its end. Throws as read_audio does, but where no samples are left.
std::optional<Tensor> read_short_audio(const std::filesystem::path& path, int64_t most);

}  // namespace sure
