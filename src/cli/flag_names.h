// The spellings of flags that people bring along: short names, Hugging Face's names, dashes for underscores.
#pragma once

#include <string>
#include <vector>

namespace sure {

/// The name among `known` that `spelled` (without its leading dashes) stands for: itself, itself with underscores for
/// dashes, or what the table of short names leads to in this command ("lr" to "learning_rate"). Empty when there is
/// none.
std::string canonical_flag(const std::string& spelled, const std::vector<std::string>& known);

/// The names shorter than `name` that lead to it in a command with these flags, as they are written: "--lr", "-o".
std::vector<std::string> short_names(const std::string& name, const std::vector<std::string>& known);

}  // namespace sure
