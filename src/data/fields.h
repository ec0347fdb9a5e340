// The fields of a line in a corpus list. They refer to the line.
#pragma once

#include <string_view>
#include <vector>

namespace sure {

/// What stands between delimiters; empty fields are kept: "a\t\tb" has three.
std::vector<std::string_view> split_fields(std::string_view line, char delimiter);

}  // namespace sure
