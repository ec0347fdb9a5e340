// How much fits on a line of the terminal.
#pragma once

#include <cstddef>
#include <cstdio>

namespace sure {

/// Columns of the terminal behind `stream`; `otherwise` where it is none or does not tell.
size_t terminal_columns(std::FILE* stream, size_t otherwise);

}  // namespace sure
