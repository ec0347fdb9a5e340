// Options structs list their fields once, in `visit_options(options, visit)`; flags, JSON and help come from that list.
// Each `visit(name, field, help)` gets the flag's name without dashes, a reference to the field and one help line.
// Fields are bool, int64_t, double, std::string or std::vector<std::string>.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "core/error.h"

namespace sure {

/// The options as JSON, one key per flag.
template <class Options>
nlohmann::ordered_json options_to_json(Options options) {
  nlohmann::ordered_json json;
  visit_options(options, [&](const char* name, auto& field, const char*) { json[name] = field; });
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
      json.at(name).get_to(field);
    } catch (const nlohmann::json::exception&) {
      fail("{}: option '{}' has the wrong type ({})", source, name, json.at(name).dump());
    }
  });
  for (const auto& item : json.items()) {
    if (!known.contains(item.key())) fail("{}: unknown option '{}'", source, item.key());
  }
}

}  // namespace sure
