// Fields of a JSON object that another program wrote, where most have a usual value.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/error.h"

namespace sure {

/// Sets the field when the object has the key and it is not null. Throws Error, starting with `origin` (the file), for
/// a value of another type.
template <class Field>
void read_field(const nlohmann::json& object, const char* key, Field& field, const std::string& origin) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return;
  try {
    found->get_to(field);
  } catch (const nlohmann::json::exception&) {
    fail("{}: '{}' has the wrong type ({})", origin, key, found->dump());
  }
}

}  // namespace sure
