// Text files in the encodings that corpora come in.
#pragma once

#include <string>
#include <string_view>

namespace sure {

/// UTF-8 with or without a byte order mark, and UTF-16 (either byte order) with one, as UTF-8 without a mark.
/// `source` (a file name) leads the Error for anything else, which says how to convert the file.
std::string to_utf8(std::string_view bytes, const std::string& source);

}  // namespace sure
