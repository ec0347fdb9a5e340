// Options structs list their fields once, in `visit_options(options, visit)`; flags, JSON and help come from that list.
// Each `visit(name, field, help)` gets the flag's name without dashes, a reference to the field and one help line.
// Fields are bool, int64_t, double, std::string, std::vector<std::string> or a std::optional of an enum with names.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "core/registry.h"

namespace sure {

template <class Field>
nlohmann::ordered_json field_to_json(const Field& field) {
  return field;
}

/// By its name; "" where it is open.
template <Named Enum>
nlohmann::ordered_json field_to_json(const std::optional<Enum>& field) {
  return field ? name_of(*field) : "";
}

template <class Field>
void field_from_json(Field& field, const nlohmann::json& json, const std::string& /*where*/) {
  json.get_to(field);
}

template <Named Enum>
void field_from_json(std::optional<Enum>& field, const nlohmann::json& json, const std::string& where) {
  set_choice(field, json.get<std::string>(), where);
}

/// The options as JSON, one key per flag.
template <class Options>
nlohmann::ordered_json options_to_json(Options options) {
  nlohmann::ordered_json json;
  visit_options(options, [&](const char* name, auto& field, const char*) { json[name] = field_to_json(field); });
  return json;
}

/// Sets the fields that `json` names. `source` (a file name) leads every message. Unknown keys and wrong types throw.
template <class Options>
void options_from_json(Options& options, const nlohmann::json& json, const std::string& source) {
  if (!json.is_object()) fail("{}: expected a JSON object of options, found {}", source, json.type_name());
  std::set<std::string> known;
  visit_options(options, [&](const char* name, auto& field, const char*) {
    known.insert(name);
    if (!json.contains(name)) return;
    try {
      field_from_json(field, json.at(name), fmt::format("{}: option '{}'", source, name));
    } catch (const nlohmann::json::exception&) {
      fail("{}: option '{}' has the wrong type ({})", source, name, json.at(name).dump());
    }
  });
  for (const auto& item : json.items()) {
    if (!known.contains(item.key())) fail("{}: unknown option '{}'", source, item.key());
  }
}

}  // namespace sure
