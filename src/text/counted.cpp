#include "text/counted.h"

#include <fmt/format.h>

namespace sure {

namespace {

bool ends_in_a_hiss(std::string_view word) {
  return word.ends_with('s') || word.ends_with('x') || word.ends_with("ch") || word.ends_with("sh");
}

}  // namespace

std::string with_commas(int64_t count) {
  std::string digits = fmt::format("{}", count);
  const size_t first = count < 0 ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string counted(int64_t count, std::string_view singular, std::string_view plural) {
  const std::string number = with_commas(count);
  if (count == 1) return fmt::format("{} {}", number, singular);
  if (!plural.empty()) return fmt::format("{} {}", number, plural);
  return fmt::format("{} {}{}", number, singular, ends_in_a_hiss(singular) ? "es" : "s");
}

std::string name_some(const std::vector<std::string>& names, size_t most) {
  if (names.size() <= most) return fmt::format("{}", fmt::join(names, ", "));
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(most);
  return fmt::format("{} and {} more", fmt::join(names.begin(), end, ", "), names.size() - most);
}

}  // namespace sure
