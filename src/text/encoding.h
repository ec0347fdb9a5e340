// Text files in the encodings that corpora come in.
#pragma once

#include <string>
#include <string_view>

namespace sure {

/// Whether a text starts with the byte order mark of UTF-16.
bool is_utf16(std::string_view bytes);

/// UTF-16 with a byte order mark as UTF-8 without one, all else as it is. Throws Error, led by `source` (a file name),
/// for UTF-16 that is cut.
std::string utf16_to_utf8(std::string bytes, const std::string& source);

/// UTF-8 with or without a byte order mark, and UTF-16 (either byte order) with one, as UTF-8 without a mark.
/// `source` (a file name) leads the Error for anything else, which says how to convert the file.
std::string to_utf8(std::string_view bytes, const std::string& source);

}  // namespace sure
