// What the exporters share.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "nn/parameters.h"

namespace sure {

/// The tensors whose names start with `prefix`, named by what follows it.
ParameterList tensors_below(const ParameterList& tensors, std::string_view prefix);

/// write_folder that replaces an earlier export only, known by the file `marker`. Throws a usage Error for a folder
/// that holds anything else.
void write_export(const std::filesystem::path& folder, const std::string& marker,
                  const std::function<void(const std::filesystem::path&)>& fill);

}  // namespace sure
