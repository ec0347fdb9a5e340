// The values of options as text, as a user writes them, and as JSON. Fields are bool, int64_t, double, std::string,
// vectors of texts or of whole numbers, enums with names (core/registry.h), and std::optional of these.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "core/registry.h"

namespace sure {

/// Each reads the whole of `text`; false, with the value left as it is, where it is no such value.
bool read_text(const std::string& text, bool& value);  // True, False, yes, no, on, off, 1, 0, in any case
bool read_text(const std::string& text, int64_t& value);
bool read_text(const std::string& text, double& value);  // finite
bool read_text(const std::string& text, std::string& value);
bool read_text(const std::string& text, std::vector<std::string>& value);  // commas between; an empty text is no item
bool read_text(const std::string& text, std::vector<int64_t>& value);

std::string to_text(bool value);
std::string to_text(int64_t value);
std::string to_text(double value);
std::string to_text(const std::string& value);
std::string to_text(const std::vector<std::string>& value);
std::string to_text(const std::vector<int64_t>& value);

/// A placeholder for the value in --help, and what a message says was expected.
struct ValueKind {
  const char* placeholder;
  const char* expected;
};
inline ValueKind kind_of(bool) { return {"True|False", "True or False"}; }
inline ValueKind kind_of(int64_t) { return {"N", "a whole number"}; }
inline ValueKind kind_of(double) { return {"X", "a number"}; }
inline ValueKind kind_of(const std::string&) { return {"TEXT", "a text"}; }
inline ValueKind kind_of(const std::vector<std::string>&) { return {"A,B", "names with a comma between them"}; }
inline ValueKind kind_of(const std::vector<int64_t>&) { return {"N,N", "whole numbers with a comma between them"}; }

template <Named Enum>
bool read_text(const std::string& text, Enum& value) {
  const std::optional<Enum> named = find_choice<Enum>(text);
  value = named.value_or(value);
  return named.has_value();
}

template <Named Enum>
std::string to_text(Enum value) {
  return name_of(value);
}

template <Named Enum>
ValueKind kind_of(Enum) {
  return {"NAME", "one of its names"};
}

template <class T>
ValueKind kind_of(const std::optional<T>&) {
  return kind_of(T());
}

template <class T>
nlohmann::ordered_json to_json_value(const T& value) {
  return value;
}

template <Named Enum>
nlohmann::ordered_json to_json_value(const Enum& value) {
  return name_of(value);
}

/// As texts, which is how files have had them since before there were lists of numbers.
nlohmann::ordered_json to_json_value(const std::vector<int64_t>& value);

/// False for JSON of another type.
bool read_json_value(const nlohmann::json& json, bool& value);  // a word for one, too, as YAML's no and off
bool read_json_value(const nlohmann::json& json, int64_t& value);
bool read_json_value(const nlohmann::json& json, double& value);
bool read_json_value(const nlohmann::json& json, std::string& value);
bool read_json_value(const nlohmann::json& json, std::vector<std::string>& value);
bool read_json_value(const nlohmann::json& json, std::vector<int64_t>& value);

template <Named Enum>
bool read_json_value(const nlohmann::json& json, Enum& value) {
  return json.is_string() && read_text(json.get<std::string>(), value);
}

}  // namespace sure
