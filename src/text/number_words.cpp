#include "text/number_words.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sure {

namespace {

constexpr size_t kMostDigits = 18;

constexpr std::array<const char*, 20> kSmall = {
    "zero", "one",    "two",    "three",    "four",     "five",    "six",     "seven",     "eight",    "nine",
    "ten",  "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<const char*, 10> kTens = {"",      "",      "twenty",  "thirty", "forty",
                                               "fifty", "sixty", "seventy", "eighty", "ninety"};

struct Power {
  int64_t value;
  const char* name;
};
constexpr Power kPowers[] = {{1'000'000'000'000'000, "quadrillion"},
                             {1'000'000'000'000, "trillion"},
                             {1'000'000'000, "billion"},
                             {1'000'000, "million"},
                             {1'000, "thousand"},
                             {100, "hundred"}};

/// What does not end in -th.
constexpr std::pair<std::string_view, std::string_view> kOrdinals[] = {
    {"one", "first"},    {"two", "second"}, {"three", "third"},   {"five", "fifth"},
    {"eight", "eighth"}, {"nine", "ninth"}, {"twelve", "twelfth"}};
constexpr std::pair<std::string_view, std::string_view> kPlurals[] = {
    {"foot", "feet"}, {"penny", "pence"}, {"yen", "yen"}};

int64_t value_of(std::string_view digits) {
  int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::string words_of(int64_t value) {
  if (value < 20) return kSmall[static_cast<size_t>(value)];
  if (value < 100) {
    const std::string tens = kTens[static_cast<size_t>(value / 10)];
    return value % 10 == 0 ? tens : tens + " " + kSmall[static_cast<size_t>(value % 10)];
  }
  const auto* power =
      std::find_if(std::begin(kPowers), std::end(kPowers), [&](const Power& p) { return value >= p.value; });
  const std::string high = words_of(value / power->value) + " " + power->name;
  return value % power->value == 0 ? high : high + " " + words_of(value % power->value);
}

/// Replaces the last word by what `change` makes of it.
template <class Change>
std::string with_last_word(const std::string& words, Change&& change) {
  const size_t begin = words.rfind(' ') == std::string::npos ? 0 : words.rfind(' ') + 1;
  return words.substr(0, begin) + change(words.substr(begin));
}

std::string ordinal_of(const std::string& word) {
  const auto* row =
      std::find_if(std::begin(kOrdinals), std::end(kOrdinals), [&](const auto& r) { return r.first == word; });
  if (row != std::end(kOrdinals)) return std::string(row->second);
  return word.ends_with('y') ? word.substr(0, word.size() - 1) + "ieth" : word + "th";
}

}  // namespace

std::string plural(const std::string& word) {
  const auto* row =
      std::find_if(std::begin(kPlurals), std::end(kPlurals), [&](const auto& r) { return r.first == word; });
  if (row != std::end(kPlurals)) return std::string(row->second);
  if (word.ends_with('y')) return word.substr(0, word.size() - 1) + "ies";
  return word.ends_with('x') || word.ends_with('s') || word.ends_with("ch") ? word + "es" : word + "s";
}

std::string digit_words(std::string_view digits) {
  std::string words;
  for (const char digit : digits) {
    if (!words.empty()) words += ' ';
    words += kSmall[static_cast<size_t>(digit - '0')];
  }
  return words;
}

std::string cardinal_words(std::string_view digits) {
  const bool is_code = digits.size() > kMostDigits || (digits.size() > 1 && digits.front() == '0');
  return is_code ? digit_words(digits) : words_of(value_of(digits));
}

std::string ordinal_words(std::string_view digits) { return with_last_word(cardinal_words(digits), ordinal_of); }

std::string year_words(std::string_view digits) {
  const int64_t year = value_of(digits), century = year / 100, rest = year % 100;
  if (century % 10 == 0) return words_of(year);
  if (rest == 0) return words_of(century) + " hundred";
  return words_of(century) + (rest < 10 ? " oh " : " ") + words_of(rest);
}

std::string decade_words(std::string_view digits) {
  return with_last_word(digits.size() == 4 ? year_words(digits) : cardinal_words(digits), plural);
}

std::string decimal_words(std::string_view number) {
  const size_t point = std::min(number.find('.'), number.size());
  std::string whole(number.substr(0, point));
  std::erase(whole, ',');
  std::string words = whole.empty() ? "zero" : cardinal_words(whole);
  if (point + 1 < number.size()) words += " point " + digit_words(number.substr(point + 1));
  return words;
}

}  // namespace sure
