// A saved adapter on disk: adapter.json (format version, spec, labels, the backbone's fingerprint) and
// adapter.safetensors (what was trained, fp32, under the names of AdaptedModel::trained()).
#pragma once

#include <filesystem>
#include <string>

#include "model/adapted_model.h"
#include "nn/parameters.h"

namespace sure {

struct SavedAdapter {
  ModelSpec spec;  // its model is the recorded one, or where that is not here, what else it is known as
  std::string fingerprint;
  ParameterList tensors;
};

constexpr std::string_view kCheckpointPrefix = "checkpoint-";

/// N of a folder called checkpoint-N, of a training run; nothing for another name.
std::optional<int64_t> checkpoint_step(const std::filesystem::path& folder);

/// The folder of an adapter: `folder` itself or, of a run, its best_model or else its newest checkpoint. As it is where
/// there is none of these. Throws Error for a folder of several runs, and for a run that has saved none.
std::filesystem::path find_adapter(const std::filesystem::path& folder);

/// Writes both files into an existing folder. The backbone's path is recorded as an absolute one, for a model of the
/// Hugging Face cache with its id.
void write_adapter_folder(const std::filesystem::path& folder, const SavedAdapter& adapter);

/// Whether the folder holds an adapter.json.
bool is_adapter_folder(const std::filesystem::path& folder);

/// Only what adapter.json says of the model. Throws as read_adapter_folder.
ModelSpec read_adapter_spec(const std::filesystem::path& folder);

/// The tensors share a read-only mapping of the file. Throws Error for a folder that is no adapter, another format
/// version, unknown or missing keys, tensors that are not fp32 or not finite.
SavedAdapter read_adapter_folder(const std::filesystem::path& folder);

}  // namespace sure
