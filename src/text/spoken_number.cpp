#include "text/spoken_number.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "text/number_words.h"
#include "text/spoken_tables.h"
#include "text/utf8.h"

namespace sure {

namespace {

using Words = std::optional<std::string>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

int number_of(std::string_view digits) {
  int value = -1;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// "1,234.5": digits, commas before each three, perhaps a decimal part.
bool is_number(std::string_view text) {
  const std::string_view whole = text.substr(0, text.find('.'));
  const std::string_view decimals = whole.size() < text.size() ? text.substr(whole.size() + 1) : std::string_view();
  if (whole.size() < text.size() && !all_digits(decimals)) return false;
  if (whole.find(',') == std::string_view::npos) return all_digits(whole) || (whole.empty() && !decimals.empty());
  size_t since = 0, groups = 0;
  for (size_t i = 0; i <= whole.size(); ++i) {
    if (i < whole.size() && is_digit(whole[i])) {
      ++since;
      continue;
    }
    if (i < whole.size() && whole[i] != ',') return false;
    if (groups++ == 0 ? since == 0 || since > 3 : since != 3) return false;
    since = 0;
  }
  return true;
}

bool is_year(std::string_view digits) {
  return digits.size() == 4 && all_digits(digits) && number_of(digits) >= 1100 && number_of(digits) < 2100;
}

std::vector<std::string_view> split(std::string_view text, char sign) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = std::min(text.find(sign), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

Words read_plain(std::string_view word, const NumberContext& context) {
  if (!is_number(word)) return {};
  if (!all_digits(word)) return decimal_words(word);
  if ((context.after_month || context.before_month) && word.size() <= 2) return ordinal_words(word);
  return is_year(word) ? year_words(word) : cardinal_words(word);
}

Words read_ordinal(std::string_view word, const NumberContext& /*context*/) {
  const size_t end = word.find_first_not_of("0123456789,");
  if (end == 0 || end == std::string_view::npos || word.size() != end + 2) return {};
  const std::string ending = lower_case(word.substr(end));
  std::string digits(word.substr(0, end));
  std::erase(digits, ',');
  const bool fits = ending == "st" || ending == "nd" || ending == "rd" || ending == "th";
  return fits && all_digits(digits) ? Words(ordinal_words(digits)) : Words();
}

Words read_decade(std::string_view word, const NumberContext& /*context*/) {
  if (word.starts_with('\'')) word.remove_prefix(1);
  if (!word.ends_with('s')) return {};
  word.remove_suffix(1);
  if (word.ends_with('\'')) word.remove_suffix(1);
  const bool fits = all_digits(word) && word.ends_with('0') && ((word.size() == 2 && word != "00") || is_year(word));
  return fits ? Words(decade_words(word)) : Words();
}

std::string amount(const std::string& number, std::string_view unit, bool is_one) {
  return number + " " + (is_one ? std::string(unit) : plural(std::string(unit)));
}

Words read_currency(std::string_view word, const NumberContext& context) {
  const Currency* currency = currency_at_start(word);
  const bool leads = currency != nullptr;
  if (!leads) {  // "50¢", "20€"
    const size_t end = word.find_last_of("0123456789");
    currency = end == std::string_view::npos ? nullptr : currency_at_start(word.substr(end + 1));
    if (currency == nullptr || word.size() != end + 1 + currency->sign.size()) return {};
  }
  word = leads ? word.substr(currency->sign.size()) : word.substr(0, word.size() - currency->sign.size());
  if (!is_number(word)) return {};
  if (context.before_magnitude) return decimal_words(word);
  const std::vector<std::string_view> parts = split(word, '.');
  std::string whole(parts[0]);
  std::erase(whole, ',');
  if (parts.size() == 1) return amount(cardinal_words(whole), currency->whole, whole == "1");
  if (parts[1].size() != 2 || currency->part.empty()) return amount(decimal_words(word), currency->whole, false);
  const int cents = number_of(parts[1]);
  const std::string part = amount(cardinal_words(std::to_string(cents)), currency->part, cents == 1);
  if (number_of(whole) == 0 && cents > 0) return part;
  const std::string all = amount(cardinal_words(whole), currency->whole, whole == "1");
  return cents == 0 ? all : all + " " + part;
}

Words read_time(std::string_view word, const NumberContext& /*context*/) {
  const size_t end = word.find_first_not_of("0123456789:");
  const std::string_view half = end == std::string_view::npos ? "" : word.substr(end);
  const std::vector<std::string_view> parts = split(word.substr(0, end), ':');
  if (parts.size() != 2 || !all_digits(parts[0]) || parts[0].size() > 2 || !all_digits(parts[1]) ||
      parts[1].size() != 2 || number_of(parts[0]) > 24 || number_of(parts[1]) > 59)
    return {};
  const Words after = half.empty()                                           ? Words("")
                      : lower_case(half) == "am" || lower_case(half) == "pm" ? unit_words(half)
                                                                             : Words();
  if (!after) return {};
  const int minutes = number_of(parts[1]);
  std::string words = cardinal_words(std::to_string(number_of(parts[0])));
  if (minutes == 0) {
    if (after->empty()) words += " o'clock";
  } else {
    words += (minutes < 10 ? " oh " : " ") + cardinal_words(std::to_string(minutes));
  }
  return after->empty() ? words : words + " " + *after;
}

std::string date_words(int month, std::string_view day, std::string_view year) {
  return fmt::format("{} {}, {}", month_name(month), ordinal_words(std::to_string(number_of(day))), year_words(year));
}

bool is_between(std::string_view digits, int most) {
  return all_digits(digits) && digits.size() <= 2 && number_of(digits) >= 1 && number_of(digits) <= most;
}

/// "2024-03-05", and "3/5/2024" with the month first.
Words read_date(std::string_view word, const NumberContext& /*context*/) {
  const std::vector<std::string_view> iso = split(word, '-'), american = split(word, '/');
  if (iso.size() == 3 && is_year(iso[0]) && is_between(iso[1], 12) && is_between(iso[2], 31))
    return date_words(number_of(iso[1]), iso[2], iso[0]);
  if (american.size() == 3 && is_between(american[0], 12) && is_between(american[1], 31) && is_year(american[2]))
    return date_words(number_of(american[0]), american[1], american[2]);
  return {};
}

Words read_fraction(std::string_view word, const NumberContext& /*context*/) {
  const std::vector<std::string_view> parts = split(word, '/');
  if (parts.size() != 2 || !is_between(parts[0], 99) || !is_between(parts[1], 99) || parts[1] == "1") return {};
  const bool is_one = parts[0] == "1";
  std::string below = ordinal_words(parts[1]);
  if (parts[1] == "2")
    below = is_one ? "half" : "halves";
  else if (!is_one)
    below = plural(below);
  return cardinal_words(parts[0]) + " " + below;
}

Words read_range(std::string_view word, const NumberContext& context) {
  const std::vector<std::string_view> parts = split(word, '-');
  if (parts.size() != 2) return {};
  const Words from = read_plain(parts[0], context), to = read_plain(parts[1], context);
  return from && to ? Words(*from + " to " + *to) : Words();
}

Words read_unit(std::string_view word, const NumberContext& /*context*/) {
  const size_t end = word.find_last_of("0123456789");
  if (end == std::string_view::npos || end + 1 == word.size()) return {};
  const std::string_view number = word.substr(0, end + 1);
  const Words unit = unit_words(word.substr(end + 1));
  if (!unit || !is_number(number)) return {};
  const std::string name = unit->substr(0, unit->find(' '));
  static constexpr std::array<std::string_view, 4> kUnchanged = {"percent", "hertz", "a", "p"};
  const bool changes = number != "1" && std::find(kUnchanged.begin(), kUnchanged.end(), name) == kUnchanged.end() &&
                       !name.ends_with("hertz");
  return decimal_words(number) + " " + (changes ? plural(name) : name) + unit->substr(name.size());
}

Words read_negative(std::string_view word, const NumberContext& context) {
  if (!word.starts_with('-')) return {};
  const Words words = spoken_number(word.substr(1), context);
  return words ? Words("minus " + *words) : Words();
}

Words read_numbered(std::string_view word, const NumberContext& context) {
  if (!word.starts_with('#')) return {};
  const Words words = read_plain(word.substr(1), context);
  return words ? Words("number " + *words) : Words();
}

/// In the order in which they are tried.
constexpr std::array kReaders = {read_plain,    read_ordinal, read_decade, read_currency, read_time,    read_date,
                                 read_fraction, read_range,   read_unit,   read_negative, read_numbered};

/// "B2B" as "B two B": runs of digits as numbers, of other characters as they are.
std::string read_mixed(std::string_view word) {
  std::string words;
  while (!word.empty()) {
    const bool digits = is_digit(word.front());
    const size_t end = digits ? word.find_first_not_of("0123456789") : word.find_first_of("0123456789");
    const std::string_view part = word.substr(0, end);
    word.remove_prefix(part.size());
    const Words sign = digits ? cardinal_words(part) : sign_words(part);
    const bool is_joint = !digits && (part == "-" || part == "/" || part == ":" || part == ".");
    if (is_joint && part != ".") continue;
    if (!words.empty() && part != ",") words += ' ';
    words += is_joint ? "point" : sign ? *sign : std::string(part);
  }
  return words;
}

}  // namespace

bool is_magnitude(std::string_view word) {
  static constexpr std::array<std::string_view, 5> kMagnitudes = {"hundred", "thousand", "million", "billion",
                                                                  "trillion"};
  return std::find(kMagnitudes.begin(), kMagnitudes.end(), word) != kMagnitudes.end();
}

std::optional<std::string> spoken_number(std::string_view word, const NumberContext& context) {
  if (std::none_of(word.begin(), word.end(), is_digit)) return std::nullopt;
  for (const auto read : kReaders) {
    if (Words words = read(word, context)) return words;
  }
  return read_mixed(word);
}

}  // namespace sure
