// Formats that libsndfile does not read, told by their first bytes.
#pragma once

#include <string>

#include "audio/byte_file.h"

namespace sure {

/// What a person calls the format, "M4A (MPEG-4)"; for content that says nothing the extension of formats that ffmpeg
/// reads (".amr"); else empty.
std::string foreign_format(const ByteFile& file);

}  // namespace sure
