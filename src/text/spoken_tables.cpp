#include "text/spoken_tables.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "text/utf8.h"

namespace sure {

namespace {

using Row = std::pair<std::string_view, std::string_view>;

constexpr Row kAbbreviations[] = {{"mr.", "mister"},
                                  {"mrs.", "missus"},
                                  {"ms.", "miss"},
                                  {"dr.", "doctor"},
                                  {"drs.", "doctors"},
                                  {"prof.", "professor"},
                                  {"rev.", "reverend"},
                                  {"hon.", "honorable"},
                                  {"gen.", "general"},
                                  {"col.", "colonel"},
                                  {"maj.", "major"},
                                  {"capt.", "captain"},
                                  {"lt.", "lieutenant"},
                                  {"sgt.", "sergeant"},
                                  {"gov.", "governor"},
                                  {"sen.", "senator"},
                                  {"rep.", "representative"},
                                  {"pres.", "president"},
                                  {"jr.", "junior"},
                                  {"sr.", "senior"},
                                  {"esq.", "esquire"},
                                  {"co.", "company"},
                                  {"corp.", "corporation"},
                                  {"inc.", "incorporated"},
                                  {"ltd.", "limited"},
                                  {"bros.", "brothers"},
                                  {"dept.", "department"},
                                  {"est.", "established"},
                                  {"ft.", "fort"},
                                  {"mt.", "mount"},
                                  {"ave.", "avenue"},
                                  {"blvd.", "boulevard"},
                                  {"rd.", "road"},
                                  {"vs.", "versus"},
                                  {"vs", "versus"},
                                  {"etc.", "et cetera"},
                                  {"e.g.", "for example"},
                                  {"i.e.", "that is"},
                                  {"approx.", "approximately"},
                                  {"vol.", "volume"},
                                  {"fig.", "figure"},
                                  {"p.m.", "p m"},
                                  {"a.m.", "a m"},
                                  {"a.d.", "a d"},
                                  {"b.c.", "b c"}};

constexpr Row kUnits[] = {{"km", "kilometer"},
                          {"m", "meter"},
                          {"cm", "centimeter"},
                          {"mm", "millimeter"},
                          {"mi", "mile"},
                          {"ft", "foot"},
                          {"in", "inch"},
                          {"yd", "yard"},
                          {"kg", "kilogram"},
                          {"g", "gram"},
                          {"mg", "milligram"},
                          {"lb", "pound"},
                          {"lbs", "pound"},
                          {"oz", "ounce"},
                          {"l", "liter"},
                          {"ml", "milliliter"},
                          {"hz", "hertz"},
                          {"khz", "kilohertz"},
                          {"mhz", "megahertz"},
                          {"ghz", "gigahertz"},
                          {"kb", "kilobyte"},
                          {"mb", "megabyte"},
                          {"gb", "gigabyte"},
                          {"tb", "terabyte"},
                          {"w", "watt"},
                          {"kw", "kilowatt"},
                          {"s", "second"},
                          {"ms", "millisecond"},
                          {"min", "minute"},
                          {"h", "hour"},
                          {"hr", "hour"},
                          {"hrs", "hour"},
                          {"°c", "degree celsius"},
                          {"°f", "degree fahrenheit"},
                          {"°", "degree"},
                          {"mph", "mile per hour"},
                          {"km/h", "kilometer per hour"},
                          {"kph", "kilometer per hour"},
                          {"%", "percent"},
                          {"am", "a m"},
                          {"pm", "p m"}};

constexpr Row kSigns[] = {{"%", "percent"},     {"&", "and"},     {"+", "plus"},   {"=", "equals"},
                          {"@", "at"},          {"*", "times"},   {"×", "times"},  {"÷", "divided by"},
                          {"°", "degrees"},     {"§", "section"}, {"#", "number"}, {"<", "less than"},
                          {">", "greater than"}};

constexpr Currency kCurrencies[] = {{"$", "dollar", "cent"}, {"US$", "dollar", "cent"}, {"£", "pound", "penny"},
                                    {"€", "euro", "cent"},   {"¥", "yen", ""},          {"₹", "rupee", "paisa"},
                                    {"¢", "cent", ""}};

constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                      "May",       "June",     "July",     "August",
                                                      "September", "October",  "November", "December"};

std::optional<std::string> find(const Row* begin, const Row* end, std::string_view key) {
  const std::string low = lower_case(key);
  const auto* row = std::find_if(begin, end, [&](const Row& r) { return r.first == low; });
  return row == end ? std::nullopt : std::optional<std::string>(row->second);
}

}  // namespace

std::optional<std::string> abbreviation_words(std::string_view word) {
  return find(std::begin(kAbbreviations), std::end(kAbbreviations), word);
}

std::optional<std::string> unit_words(std::string_view unit) {
  return find(std::begin(kUnits), std::end(kUnits), unit);
}

std::optional<std::string> sign_words(std::string_view sign) {
  return find(std::begin(kSigns), std::end(kSigns), sign);
}

const Currency* currency_at_start(std::string_view text) {
  const auto* row = std::find_if(std::begin(kCurrencies), std::end(kCurrencies),
                                 [&](const Currency& c) { return text.starts_with(c.sign); });
  return row == std::end(kCurrencies) ? nullptr : row;
}

int month_number(std::string_view word) {
  if (word.ends_with('.')) word.remove_suffix(1);
  constexpr size_t kShortest = 3;
  if (word.size() < kShortest || word.front() < 'A' || word.front() > 'Z') return 0;
  for (size_t i = 0; i < kMonths.size(); ++i) {
    const bool is_short = word.size() == kShortest && kMonths[i].starts_with(word);
    if (word == kMonths[i] || is_short || (word == "Sept" && i == 8)) return static_cast<int>(i) + 1;
  }
  return 0;
}

std::string_view month_name(int number) { return kMonths.at(static_cast<size_t>(number - 1)); }

}  // namespace sure
