#include "formats/checkpoint_folder.h"

#include <algorithm>
#include <map>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/strict_json.h"
#include "formats/finite.h"
#include "formats/safetensors.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

using Reader = ParameterList (*)(const fs::path& path);

ParameterList read_safetensors_list(const fs::path& path) { return read_safetensors(path).tensors; }

fs::path shard_path(const fs::path& index, const std::string& name) {
  const bool plain = !name.empty() && name != "." && name != ".." &&
                     name.find_first_of(std::string_view("/\0", 2)) == std::string::npos;
  if (!plain) fail("{}: shard {} is not a plain file name", index.string(), quote(name));
  fs::path path = index.parent_path() / name;
  if (!fs::exists(path)) fail("{}: shard {} is not in the folder; get it too", index.string(), quote(name));
  return path;
}

/// Tensor names by shard, from {"weight_map": {tensor: shard}}.
std::map<std::string, std::vector<std::string>> read_weight_map(const fs::path& index) {
  const nlohmann::json json = parse_json(read_file(index), index.string());
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object()) {
    fail("{}: has no 'weight_map' from tensors to shards", index.string());
  }
  std::map<std::string, std::vector<std::string>> shards;
  for (const auto& [tensor, shard] : json["weight_map"].items()) {
    if (!shard.is_string()) fail("{}: the shard of tensor {} is no file name", index.string(), quote(tensor));
    shards[shard.get<std::string>()].push_back(tensor);
  }
  return shards;
}

template <Reader read>
ParameterList read_shards(const fs::path& index) {
  ParameterList tensors;
  for (const auto& [shard, names] : read_weight_map(index)) {
    const fs::path path = shard_path(index, shard);
    std::map<std::string, Tensor> found;
    for (NamedTensor& tensor : read(path)) found.emplace(std::move(tensor.name), std::move(tensor.value));
    for (const std::string& name : names) {
      if (!found.contains(name))
        fail("{}: tensor {} is missing, {} expects it here", path.string(), quote(name), index.filename().string());
      tensors.push_back({name, found[name]});
    }
  }
  return tensors;
}

/// The shard that holds a tensor, or the file itself where there are none.
fs::path file_of(const fs::path& container, const std::string& tensor) {
  if (container.extension() != ".json") return container;
  for (const auto& [shard, names] : read_weight_map(container)) {
    if (std::find(names.begin(), names.end(), tensor) != names.end()) return container.parent_path() / shard;
  }
  return container;
}

struct Container {
  const char* file;
  Reader read;
};

/// In the order in which transformers looks for them.
constexpr Container kContainers[] = {
    {"model.safetensors", read_safetensors_list},
    {"model.safetensors.index.json", read_shards<read_safetensors_list>},
    {"pytorch_model.bin", read_pytorch_bin},
    {"pytorch_model.bin.index.json", read_shards<read_pytorch_bin>},
};

/// The first that the folder has; null where it has none.
const Container* container_in(const fs::path& folder) {
  const auto is_there = [&](const Container& container) { return fs::exists(folder / container.file); };
  const auto* found = std::find_if(std::begin(kContainers), std::end(kContainers), is_there);
  return found == std::end(kContainers) ? nullptr : found;
}

}  // namespace

bool has_checkpoint(const fs::path& folder) { return container_in(folder) != nullptr; }

ParameterList read_checkpoint_folder(const fs::path& folder) {
  if (!fs::is_directory(folder)) fail("{}: no such folder; expected a Hugging Face model folder", folder.string());
  const Container* container = container_in(folder);
  if (container != nullptr) return container->read(folder / container->file);
  fail("{}: has no weights; expected model.safetensors or pytorch_model.bin, whole or with an index.json",
       folder.string());
}

void check_finite_checkpoint(const ParameterList& tensors, const fs::path& folder) {
  const fs::path container = folder / container_in(folder)->file;
  for (const NamedTensor& tensor : tensors) {
    if (const auto fault = fault_of(tensor.value)) fail_damaged(tensor.name, *fault, file_of(container, tensor.name));
  }
}

}  // namespace sure
