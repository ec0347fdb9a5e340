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

const FolderKind& exported_folder() {
  static const FolderKind kind = {"sure export", {}, {}};
  return kind;
}

std::string base_folder(const std::string& model) {
  return fs::is_directory(model) ? fs::canonical(model).string() : model;
}

void write_export(const fs::path& folder, const std::function<void(const fs::path&)>& fill) {
  write_folder(folder, exported_folder(), fill);
}

}  // namespace sure
