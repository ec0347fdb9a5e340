// Training that goes on from an adapter which there is already: of sure, of PEFT, or a whole model's head.
#pragma once

#include <filesystem>
#include <string>

#include "model/adapter_folder.h"

namespace sure {

/// The adapter in such a folder, on the backbone `model`; empty = the one that it was trained on. Throws as
/// AdaptedModel::load.
SavedAdapter read_starting_point(const std::filesystem::path& folder, const std::string& model);

/// The tokens to write `wanted` ones with: those of `start`, where it writes transcripts too and has them all, so that
/// its head goes on; else `wanted`. Classes stay as they are.
Labels labels_to_go_on_with(const SavedAdapter& start, const std::string& task, const Labels& wanted);

/// What a model of `spec` takes from `start`.
struct StartTensors {
  ParameterList tensors;  // named as AdaptedModel::trained()
  bool has_head = false;  // the outputs are in the order of spec.labels
};

/// The method's weights, and the head's where outputs and shape are the same.
StartTensors start_tensors(const SavedAdapter& start, const ModelSpec& spec, const BackboneConfig& config);

}  // namespace sure
