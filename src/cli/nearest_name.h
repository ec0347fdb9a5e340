// The known name that a mistyped one most likely meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sure {

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (Damerau 1964, restricted form).
size_t edit_distance(std::string_view a, std::string_view b);

/// The name nearest to `name`; empty when none is near enough to be meant.
std::string nearest_name(const std::string& name, const std::vector<std::string>& known);

}  // namespace sure
