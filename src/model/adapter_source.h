// Where adapted models come from: a folder that sure wrote, one that PEFT wrote, or a whole model of transformers.
#pragma once

#include <filesystem>
#include <string>

#include "backbone/backbone.h"
#include "model/adapter_folder.h"

namespace sure {

/// An adapter and the backbone that it belongs on.
struct AdapterSource {
  SavedAdapter adapter;
  LoadedBackbone base;
  std::string origin;       // the folder; leads error messages
  bool is_foreign = false;  // of PEFT or transformers
};

/// The backbone that the options name, with their dropout.
LoadedBackbone load_backbone_for(const ModelOptions& options, const std::string& language = "");

/// Throws Error, starting with `origin`, unless `found`, loaded from `model`, is the backbone that `saved` was trained
/// on.
void check_same_backbone(const SavedAdapter& saved, const LoadedBackbone& found, const std::string& model,
                         const std::string& origin);

/// The adapter in such a folder without its backbone, which is loaded only to import PEFT's; the spec's model options
/// are `options`. Throws Error as read_adapter, but not for another backbone.
SavedAdapter read_adapter_alone(const std::filesystem::path& folder, const ModelOptions& options);

/// As AdaptedModel::load, whose arguments these are; the spec's model options are `options` with the backbone filled
/// in. `shared`: the backbone to use instead of loading one; null: none.
AdapterSource read_adapter(const std::filesystem::path& folder, const ModelOptions& options, const ForeignNames& names,
                           const LoadedBackbone* shared = nullptr);

}  // namespace sure
