// JSON as text for files and messages.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace sure {

/// On one line. Names of files may hold bytes that are not UTF-8, which JSON has no way to write: they become U+FFFD.
template <class Json>
std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// The same, indented, as the whole text of a file.
template <class Json>
std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace sure
