// JSON that this program wrote itself, which a kill may have kept from being there.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace sure {

/// Null for a file that is missing or is not JSON. Throws Error when it cannot be read.
nlohmann::ordered_json json_or_null(const std::filesystem::path& path);

}  // namespace sure
