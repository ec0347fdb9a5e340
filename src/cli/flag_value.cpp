#include "cli/flag_value.h"

#include <array>
#include <charconv>
#include <cmath>
#include <sstream>

#include "core/error.h"

namespace sure {

namespace {

struct BooleanWord {
  const char* text;
  bool value;
};

constexpr std::array<BooleanWord, 6> kBooleans = {
    {{"True", true}, {"true", true}, {"1", true}, {"False", false}, {"false", false}, {"0", false}}};

/// The whole of `text` as a number.
template <class Number>
bool read_number(const std::string& text, Number& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

}  // namespace

bool is_boolean(const std::string& text) {
  return std::any_of(kBooleans.begin(), kBooleans.end(), [&](const BooleanWord& word) { return word.text == text; });
}

void parse_value(const std::string& flag, const std::string& text, bool& value) {
  for (const BooleanWord& word : kBooleans) {
    if (word.text == text) {
      value = word.value;
      return;
    }
  }
  fail_usage("--{}: expected True or False, found '{}'", flag, text);
}

void parse_value(const std::string& flag, const std::string& text, int64_t& value) {
  if (!read_number(text, value)) fail_usage("--{}: expected a whole number, found '{}'", flag, text);
}

void parse_value(const std::string& flag, const std::string& text, double& value) {
  if (!read_number(text, value) || !std::isfinite(value)) {
    fail_usage("--{}: expected a number, found '{}'", flag, text);
  }
}

void parse_value(const std::string&, const std::string& text, std::string& value) { value = text; }

void parse_value(const std::string& flag, const std::string& text, std::vector<std::string>& value) {
  value.clear();
  std::istringstream stream(text);
  for (std::string item; std::getline(stream, item, ',');) {
    if (item.empty()) fail_usage("--{}: expected names with a comma between them, found '{}'", flag, text);
    value.push_back(item);
  }
}

std::string render_value(bool value) { return value ? "True" : "False"; }
std::string render_value(int64_t value) { return fmt::format("{}", value); }
std::string render_value(double value) { return fmt::format("{}", value); }
std::string render_value(const std::string& value) { return value; }
std::string render_value(const std::vector<std::string>& value) { return fmt::format("{}", fmt::join(value, ",")); }

}  // namespace sure
