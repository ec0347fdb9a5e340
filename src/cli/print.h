// What goes to standard output and the screen.
#pragma once

#include <cstddef>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace sure {

/// JSON on standard output, over several lines; bytes that are no UTF-8 come as U+FFFD, and no control character as
/// itself.
void print_json(const nlohmann::ordered_json& json);

/// Columns of the terminal behind `stream`; `otherwise` where it is none or does not tell.
size_t terminal_columns(std::FILE* stream, size_t otherwise);

}  // namespace sure
