// What goes to standard output and the screen.
#pragma once

#include <cstddef>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>

namespace sure {

/// JSON on standard output, over several lines; bytes that are no UTF-8 come as U+FFFD, and no control character as
/// itself.
void print_json(const nlohmann::ordered_json& json);

/// Columns of the terminal behind `stream`; `otherwise` where it is none or does not tell.
size_t terminal_columns(std::FILE* stream, size_t otherwise);

/// Writes what tells of the work. A stream that is closed or full gets nothing: the work is not to end for that.
void tell(std::FILE* stream, std::string_view text);

}  // namespace sure
