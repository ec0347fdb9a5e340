// --config: a run's flags from a file, JSON or YAML.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace sure {

/// The flags of `path`: YAML where its name ends in .yaml or .yml, else JSON. Names may have dashes for underscores.
/// Throws Error, naming the file and, in YAML, the line.
nlohmann::json read_config_file(const std::filesystem::path& path);

}  // namespace sure
