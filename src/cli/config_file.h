// --config: a run's flags from a file, JSON or YAML.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/options.h"

namespace sure {

/// The flags of `path`: YAML where its name ends in .yaml or .yml, else JSON. Names may be spelled as on the
/// command line, "lr" for "learning_rate"; `flags` are those that there are. Throws Error, naming the file and, in
/// YAML, the line.
nlohmann::json read_config_file(const std::filesystem::path& path, const std::vector<std::string>& flags);

/// Sets the options that the file names. Throws Error, naming the file, for unknown ones and for wrong values.
template <class Options>
void take_config_file(const std::string& path, Options& options) {
  std::vector<std::string> flags;
  const auto known = options_to_json(options);
  for (const auto& option : known.items()) flags.push_back(option.key());
  options_from_json(options, read_config_file(path, flags), "--config " + path);
}

}  // namespace sure
