// What stands for words in written English: abbreviations, units, currencies, months, signs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sure {

/// "Dr." as "doctor", "e.g." as "for example"; nothing for what is no abbreviation. In any case.
std::optional<std::string> abbreviation_words(std::string_view word);

/// A unit behind a number, in the singular: "km" as "kilometer", "mph" as "mile per hour".
std::optional<std::string> unit_words(std::string_view unit);

/// "%" as "percent", "&" as "and".
std::optional<std::string> sign_words(std::string_view sign);

struct Currency {
  std::string_view sign;
  std::string_view whole;
  std::string_view part;  // a hundredth; empty where there is none
};

/// The one whose sign `text` starts with; null for none.
const Currency* currency_at_start(std::string_view text);

/// 1 to 12 of "March", "mar" or "Mar."; 0 for what is no month ("may" and "march" in lower case may be other words).
int month_number(std::string_view word);

/// "March" of 3.
std::string_view month_name(int number);

}  // namespace sure
