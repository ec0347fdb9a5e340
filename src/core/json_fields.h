// Fields of a JSON object that another program wrote, where most have a usual value.
#pragma once

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <vector>

#include "core/error.h"

namespace sure {

/// Whether a number can become the field as it is: nlohmann::json cuts 1.5 to 1 where whole numbers are wanted.
template <class Field>
bool keeps_its_value(const nlohmann::json& value) {
  if constexpr (std::is_same_v<Field, int64_t>) {
    constexpr double kExact = 9007199254740992;  // 2^53
    if (!value.is_number_float()) return true;
    const auto number = value.get<double>();
    return std::trunc(number) == number && std::abs(number) <= kExact;
  } else if constexpr (std::is_same_v<Field, std::vector<int64_t>>) {
    for (const nlohmann::json& item : value) {
      if (!keeps_its_value<int64_t>(item)) return false;
    }
  }
  return true;
}

/// Sets the field when the object has the key and it is not null. Throws Error, starting with `origin` (the file), for
/// a value of another type.
template <class Field>
void read_field(const nlohmann::json& object, const char* key, Field& field, const std::string& origin) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return;
  try {
    if (!keeps_its_value<Field>(*found)) fail("{}: '{}' is {}, expected whole numbers", origin, key, found->dump());
    found->get_to(field);
  } catch (const nlohmann::json::exception&) {
    fail("{}: '{}' has the wrong type ({})", origin, key, found->dump());
  }
}

}  // namespace sure
