// Options structs declare their fields once, in `visit_options(options, visit)`; flags, JSON, checks and help come from
// that list. Each `visit(name, field, declaration)` gets the flag's name without dashes, a reference to the field (see
// core/option_value.h for the types) and what is to be known of it, at least one help line.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/option_value.h"
#include "core/range.h"
#include "core/registry.h"

namespace sure {

/// What is declared of an option besides its name, its type and its default.
struct Declaration {
  Declaration(const char* text) : help(text) {}
  Declaration(std::string text) : help(std::move(text)) {}

  /// Numbers outside are refused.
  Declaration& range(double from, double to = std::numeric_limits<double>::infinity()) {
    least = from;
    most = to;
    return *this;
  }
  /// The same of an option that does not always count: only check_options with its name looks.
  Declaration& range_where_used(double from, double to) {
    checked_where_used = true;
    return range(from, to);
  }
  /// The names that a text may be. An enum has its own.
  Declaration& one_of(std::vector<std::string> names) {
    choices = std::move(names);
    return *this;
  }
  /// Where the value comes from when none is given ("the task"), and of a std::optional how a user and a file write
  /// that none is.
  Declaration& otherwise(std::string from, std::string none = {}) {
    source = std::move(from);
    unset = std::move(none);
    return *this;
  }
  /// A resumed run may have another value: it does not affect the weights, or another part of the run's signature
  /// stands for it.
  Declaration& free_on_resume() {
    ignored_on_resume = true;
    return *this;
  }

  std::string help;
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices;
  std::string source;
  std::string unset;
  bool ignored_on_resume = false;
  bool checked_where_used = false;
};

/// Throws a usage Error that names the flag where `value` is outside the declared range, or none of the choices. An
/// unset optional and an empty text are no value.
void check_value(const std::string& flag, double value, const Declaration& declaration);
void check_value(const std::string& flag, int64_t value, const Declaration& declaration);
void check_value(const std::string& flag, const std::string& value, const Declaration& declaration);
void check_value(const std::string& flag, const std::vector<std::string>& value, const Declaration& declaration);

template <class T>
void check_value(const std::string& flag, const T& value, const Declaration& declaration) {
  if constexpr (requires { value.has_value(); }) {
    if (value) check_value(flag, *value, declaration);
  }
}

/// The names that the option's value may be; empty where it may be any.
template <class T>
std::vector<std::string> allowed_names(const T& /*value*/, const Declaration& declaration) {
  return declaration.choices;
}

template <Named Enum>
std::vector<std::string> allowed_names(const Enum& value, const Declaration& /*declaration*/) {
  return names_of(choices_of(value));
}

template <Named Enum>
std::vector<std::string> allowed_names(const std::optional<Enum>& /*value*/, const Declaration& /*declaration*/) {
  return names_of(choices_of(Enum{}));
}

/// "'seldom': use one of no, steps, epoch", "'many': expected a whole number": the end of a message.
template <class T>
std::string unexpected(const std::string& found, const T& value, const Declaration& declaration) {
  const std::vector<std::string> names = allowed_names(value, declaration);
  if (names.empty()) return fmt::format("'{}': expected {}", found, kind_of(value).expected);
  return fmt::format("'{}': use one of {}", found, fmt::join(names, ", "));
}

/// Sets the field from what a user wrote. Throws a usage Error that names `flag`, what was found and what was expected.
template <class T>
void set_from_text(const std::string& flag, const std::string& text, T& field, const Declaration& declaration) {
  if (!read_text(text, field)) fail_usage("--{} {}", flag, unexpected(text, field, declaration));
  if (!declaration.checked_where_used) check_value(flag, field, declaration);
}

template <class T>
void set_from_text(const std::string& flag, const std::string& text, std::optional<T>& field,
                   const Declaration& declaration) {
  field.reset();
  if (text == declaration.unset) return;
  T value{};
  if (!read_text(text, value)) fail_usage("--{} {}", flag, unexpected(text, value, declaration));
  if (to_text(value) == declaration.unset) return;
  check_value(flag, value, declaration);
  field = value;
}

/// The value as text; what stands for none of an unset one.
template <class T>
std::string text_of(const T& field, const Declaration&) {
  return to_text(field);
}

template <class T>
std::string text_of(const std::optional<T>& field, const Declaration& declaration) {
  return field ? to_text(*field) : declaration.unset;
}

template <class T>
nlohmann::ordered_json json_of(const T& field, const Declaration&) {
  return to_json_value(field);
}

template <class T>
nlohmann::ordered_json json_of(const std::optional<T>& field, const Declaration& declaration) {
  if (field) return to_json_value(*field);
  T none{};
  if (read_text(declaration.unset, none)) return to_json_value(none);
  return declaration.unset;
}

template <class T>
bool read_field(const nlohmann::json& json, T& field, const Declaration&) {
  return read_json_value(json, field);
}

template <class T>
bool read_field(const nlohmann::json& json, std::optional<T>& field, const Declaration& declaration) {
  field.reset();
  if (json.is_null() || json == declaration.unset) return true;
  T value{};
  if (!read_json_value(json, value)) return false;
  if (to_text(value) != declaration.unset) field = value;
  return true;
}

/// The options as JSON, one key per flag.
template <class Options>
nlohmann::ordered_json options_to_json(Options options) {
  nlohmann::ordered_json json;
  visit_options(options, [&](const char* name, auto& field, const Declaration& declaration) {
    json[name] = json_of(field, declaration);
  });
  return json;
}

/// Sets the fields that `json` names. `source` (a file name) leads every message. Unknown keys and wrong types throw.
template <class Options>
void options_from_json(Options& options, const nlohmann::json& json, const std::string& source) {
  if (!json.is_object()) fail("{}: expected a JSON object of options, found {}", source, json.type_name());
  std::set<std::string> known;
  visit_options(options, [&](const char* name, auto& field, const Declaration& declaration) {
    known.insert(name);
    if (!json.contains(name) || read_field(json.at(name), field, declaration)) return;
    const std::string found =
        json.at(name).is_string() ? json.at(name).template get<std::string>() : json.at(name).dump();
    fail("{}: option '{}' {}", source, name, unexpected(found, field, declaration));
  });
  for (const auto& item : json.items()) {
    if (!known.contains(item.key())) fail("{}: unknown option '{}'", source, item.key());
  }
}

/// Sets the fields that `values` names, as set_from_text does, and takes them out of it.
template <class Options>
void take_options(std::map<std::string, std::string>& values, Options& options) {
  visit_options(options, [&](const char* name, auto& field, const Declaration& declaration) {
    const auto given = values.extract(name);
    if (!given.empty()) set_from_text(name, given.mapped(), field, declaration);
  });
}

/// Throws a usage Error that names the first option whose value is outside its range or none of its choices.
template <class Options>
void check_options(Options options) {
  visit_options(options, [](const char* name, auto& field, const Declaration& declaration) {
    if (!declaration.checked_where_used) check_value(name, field, declaration);
  });
}

/// The same of the options with these names.
template <class Options>
void check_options(Options options, const std::set<std::string>& names) {
  visit_options(options, [&](const char* name, auto& field, const Declaration& declaration) {
    if (names.contains(name)) check_value(name, field, declaration);
  });
}

/// The names of the options that a resumed run may change.
template <class Options>
std::set<std::string> ignored_on_resume(Options options) {
  std::set<std::string> names;
  visit_options(options, [&](const char* name, auto&, const Declaration& declaration) {
    if (declaration.ignored_on_resume) names.insert(name);
  });
  return names;
}

}  // namespace sure
