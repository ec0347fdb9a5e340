#include "model/export.h"

#include "core/atomic_file.h"
#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

ParameterList tensors_below(const ParameterList& tensors, std::string_view prefix) {
  ParameterList below;
  for (const NamedTensor& tensor : tensors) {
    if (tensor.name.starts_with(prefix)) below.push_back({tensor.name.substr(prefix.size()), tensor.value});
  }
  return below;
}

void write_export(const fs::path& folder, const std::string& marker, const std::function<void(const fs::path&)>& fill) {
  if (fs::exists(folder) && !fs::is_directory(folder))
    fail_usage("{}: this is a file, expected a folder", folder.string());
  if (fs::is_directory(folder) && !fs::is_empty(folder) && !fs::exists(folder / marker)) {
    fail_usage("{}: this folder holds other files (no {}); name a new or empty one", folder.string(), marker);
  }
  write_folder(folder, fill);
}

}  // namespace sure
