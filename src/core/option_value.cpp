#include "core/option_value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <sstream>

#include "core/range.h"

namespace sure {

namespace {

using nlohmann::json;

struct BooleanWord {
  const char* text;
  bool value;
};

constexpr BooleanWord kBooleans[] = {{"true", true},   {"yes", true}, {"on", true},   {"1", true},
                                     {"false", false}, {"no", false}, {"off", false}, {"0", false}};

/// The whole of `text` as a number.
template <class Number>
bool read_number(const std::string& text, Number& value) {
  Number read = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, read);
  if (error != std::errc() || stop != end) return false;
  value = read;
  return true;
}

/// The items between commas; false where one is empty.
template <class Item>
bool read_list(const std::string& text, std::vector<Item>& value) {
  std::vector<Item> items;
  std::istringstream stream(text);
  for (std::string item; std::getline(stream, item, ',');) {
    if (item.empty() || !read_text(item, items.emplace_back())) return false;
  }
  value = std::move(items);
  return true;
}

template <class Item>
bool read_array(const json& array, std::vector<Item>& value) {
  if (!array.is_array()) return false;
  std::vector<Item> items;
  for (const json& item : array) {
    if (!read_json_value(item, items.emplace_back())) return false;
  }
  value = std::move(items);
  return true;
}

}  // namespace

bool read_text(const std::string& text, bool& value) {
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const BooleanWord& word : kBooleans) {
    if (word.text != lower) continue;
    value = word.value;
    return true;
  }
  return false;
}

bool read_text(const std::string& text, int64_t& value) { return read_number(text, value); }

bool read_text(const std::string& text, double& value) {
  double read = 0;
  if (!read_number(text, read) || !std::isfinite(read)) return false;
  value = read;
  return true;
}

bool read_text(const std::string& text, std::string& value) {
  value = text;
  return true;
}

bool read_text(const std::string& text, std::vector<std::string>& value) { return read_list(text, value); }
bool read_text(const std::string& text, std::vector<int64_t>& value) { return read_list(text, value); }

std::string to_text(bool value) { return value ? "True" : "False"; }
std::string to_text(int64_t value) { return fmt::format("{}", value); }
std::string to_text(double value) { return fmt::format("{}", value); }
std::string to_text(const std::string& value) { return value; }
std::string to_text(const std::vector<std::string>& value) { return fmt::format("{}", fmt::join(value, ",")); }
std::string to_text(const std::vector<int64_t>& value) { return fmt::format("{}", fmt::join(value, ",")); }

nlohmann::ordered_json to_json_value(const std::vector<int64_t>& value) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const int64_t number : value) list.push_back(to_text(number));
  return list;
}

bool read_json_value(const json& json, bool& value) {
  if (json.is_string()) return read_text(json.get<std::string>(), value);
  if (json.is_boolean()) value = json.get<bool>();
  return json.is_boolean();
}

bool read_json_value(const json& json, int64_t& value) {
  if (json.is_number_float()) {  // 1e3
    const auto number = json.get<double>();
    const bool whole = std::abs(number) <= kMostExact && number == std::floor(number);
    if (whole) value = static_cast<int64_t>(number);
    return whole;
  }
  if (!json.is_number_integer() || (json.is_number_unsigned() && json.get<uint64_t>() > INT64_MAX)) return false;
  value = json.get<int64_t>();
  return true;
}

bool read_json_value(const json& json, double& value) {
  if (json.is_number()) value = json.get<double>();
  return json.is_number();
}

bool read_json_value(const json& json, std::string& value) {
  if (json.is_string()) value = json.get<std::string>();
  return json.is_string();
}

bool read_json_value(const json& json, std::vector<std::string>& value) { return read_array(json, value); }

bool read_json_value(const json& json, std::vector<int64_t>& value) {
  std::vector<std::string> texts;  // what to_json_value writes
  if (!read_json_value(json, texts)) return read_array(json, value);
  return read_text(to_text(texts), value);
}

}  // namespace sure
