// JSON from files that others made: nothing is silently dropped, and every complaint is one line.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace sure {

/// Parses a whole text. Throws Error, starting with `origin` (the file), for anything that is not JSON, for a key that
/// stands twice in an object and for nesting deeper than 32 levels.
nlohmann::json parse_json(std::string_view text, const std::string& origin);

/// parse_json of a whole file. Throws Error also when it cannot be read.
nlohmann::json read_json(const std::filesystem::path& path);

/// A name from a file, in quotes, fit for a one-line message: control characters escaped, cut after 200 bytes.
std::string quote(std::string_view name);

}  // namespace sure
