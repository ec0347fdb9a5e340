// One word with digits in it, read aloud.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sure {

/// What the neighbours say of it.
struct NumberContext {
  bool after_month = false;       // "May 2": a day
  bool before_month = false;      // "2 May"
  bool before_magnitude = false;  // "$3 million": the currency follows the magnitude
};

/// The words of `word`, which has no punctuation around it: "$3.50", "3:45", "1990s", "2nd", "5km", "3/4", "-7",
/// "2024-03-05", "1,234.5". Nothing where it has no digit. What fits no kind is cut where digits begin and end.
std::optional<std::string> spoken_number(std::string_view word, const NumberContext& context = {});

/// Whether a word after a number multiplies it: "million".
bool is_magnitude(std::string_view word);

}  // namespace sure
