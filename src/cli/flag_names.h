// The spellings of flags that people bring along: short names and Hugging Face's names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sure {

/// The names, as they are written, that lead to `flag` in a command with these flags: "--learning_rate", "--lr".
std::vector<std::string> spellings_of(const std::string& flag, const std::vector<std::string>& flags);

/// Those of them that --help shows: itself, then the shorter ones.
std::vector<std::string> short_spellings_of(const std::string& flag, const std::vector<std::string>& flags);

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (Damerau 1964, restricted form).
size_t edit_distance(std::string_view a, std::string_view b);

/// The name nearest to `name`; empty when none is near enough to be meant.
std::string nearest_name(const std::string& name, const std::vector<std::string>& known);

}  // namespace sure
