// Numbers as an American reads them aloud.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sure {

/// "1234" as "one thousand two hundred thirty four". Digits only. Numbers that begin with 0 or have more than 18 digits
/// are read digit by digit.
std::string cardinal_words(std::string_view digits);

/// "21" as "twenty first".
std::string ordinal_words(std::string_view digits);

/// A year of four digits: "1984" as "nineteen eighty four", "2005" as "two thousand five", "1900" as "nineteen
/// hundred".
std::string year_words(std::string_view digits);

/// "1990" as "nineteen nineties", "80" as "eighties": of the numbers before an s.
std::string decade_words(std::string_view digits);

/// "007" as "zero zero seven".
std::string digit_words(std::string_view digits);

/// "3.14" as "three point one four"; commas between thousands are passed over.
std::string decimal_words(std::string_view number);

/// A word in the plural: "pound" as "pounds", "sixty" as "sixties", "inch" as "inches", "foot" as "feet", "penny" as
/// "pence".
std::string plural(const std::string& word);

}  // namespace sure
