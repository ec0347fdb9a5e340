// Lower or upper case: how transcripts are written, and whether a vocabulary can write them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sure {

/// One row of the table: lower, upper, keep.
struct LetterCase {
  std::string name;
  std::string (*apply)(std::string_view text);  // throws Error for broken UTF-8
};

std::vector<std::string> letter_case_names();

/// Throws a usage Error that lists the names.
const LetterCase& find_letter_case(const std::string& name);

/// Throws a usage Error, naming `file` and the value to give instead, when `tokens` have letters but all of the case
/// that transcripts are not in.
void check_letter_case(const std::string& name, const std::vector<std::string>& tokens, const std::string& file);

}  // namespace sure
