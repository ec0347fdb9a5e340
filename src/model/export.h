// What the exporters share.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "core/owned_folder.h"
#include "model/adapted_model.h"
#include "nn/parameters.h"

namespace sure {

/// The tensors whose names start with `prefix`, named by what follows it.
ParameterList tensors_below(const ParameterList& tensors, std::string_view prefix);

/// A model's folder, absolute; or its name.
std::string base_folder(const std::string& model);

/// What an exporter leaves.
const FolderKind& exported_folder();

/// write_folder that replaces an earlier export only, of whatever format. Throws a usage Error for a folder that holds
/// anything else.
void write_export(const std::filesystem::path& folder, const std::function<void(const std::filesystem::path&)>& fill);

}  // namespace sure
