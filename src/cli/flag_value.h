// Flags' values as text: what a user writes on the command line, and what --help shows as the default.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/registry.h"

namespace sure {

/// Whether `text` is a way to write a boolean: True, False, true, false, 1 or 0.
bool is_boolean(const std::string& text);

/// Sets `value` from `text`. Throws a usage Error that names `flag`, what was found and what was expected.
void parse_value(const std::string& flag, const std::string& text, bool& value);
void parse_value(const std::string& flag, const std::string& text, int64_t& value);
void parse_value(const std::string& flag, const std::string& text, double& value);
void parse_value(const std::string& flag, const std::string& text, std::string& value);
/// Comma separated; an empty text is an empty list.
void parse_value(const std::string& flag, const std::string& text, std::vector<std::string>& value);

/// One of the enum's names; an empty text leaves the choice open.
template <Named Enum>
void parse_value(const std::string& flag, const std::string& text, std::optional<Enum>& value) {
  set_choice(value, text, "--" + flag);
}

std::string render_value(bool value);
std::string render_value(int64_t value);
std::string render_value(double value);
std::string render_value(const std::string& value);
std::string render_value(const std::vector<std::string>& value);

template <Named Enum>
std::string render_value(const std::optional<Enum>& value) {
  return value ? name_of(*value) : "";
}

/// The kind of value, as --help names it.
inline const char* value_kind(bool) { return "True|False"; }
inline const char* value_kind(int64_t) { return "N"; }
inline const char* value_kind(double) { return "X"; }
inline const char* value_kind(const std::string&) { return "TEXT"; }
inline const char* value_kind(const std::vector<std::string>&) { return "A,B"; }

template <Named Enum>
std::string value_kind(const std::optional<Enum>&) {
  std::string names;
  for (const NamedValue<Enum>& choice : choices_of(Enum{}))
    names += fmt::format("{}{}", names.empty() ? "" : "|", choice.name);
  return names;
}

}  // namespace sure
