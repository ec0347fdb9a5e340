// Names for the columns and rows of a table: cut, but still told apart.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sure {

/// The names, printable, in at most `columns` columns each: "…" stands for their ends or, where those alone tell them
/// apart, their middles. Nothing where two would look the same.
std::optional<std::vector<std::string>> short_names(const std::vector<std::string>& names, size_t columns);

}  // namespace sure
