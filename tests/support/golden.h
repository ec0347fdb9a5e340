// Golden values that a script in tools/ computed with another library.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace sure::test {

/// tests/`path` as JSON.
inline nlohmann::json read_golden(const std::string& path) {
  std::ifstream file(std::filesystem::path(SURE_SOURCE_DIR) / "tests" / path);
  return nlohmann::json::parse(file);
}

/// One member of it, by value: a reference into read_golden's result does not live as long as a range-based for.
inline nlohmann::json golden_cases(const std::string& path, const char* key = "cases") {
  return read_golden(path).at(key);
}

}  // namespace sure::test
