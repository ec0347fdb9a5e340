// checkpoint-N folders: adapter.safetensors and adapter.json (AdaptedModel::save), optimizer.safetensors (AdamW's
// moments) and trainer_state.json (where the run stands and what it is). A folder is there whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "data/dataset.h"
#include "model/adapted_model.h"
#include "train/best_model.h"
#include "train/optimiser.h"
#include "train/run_config.h"

namespace sure {

/// What two runs must share for one to go on from the other's checkpoint: the backbone's fingerprint, the clips in
/// their order, and every option that has a say in the weights.
nlohmann::ordered_json run_identity(const AdaptedModel& model, const Dataset& data, const RunConfig& config);

/// Writes `output`/checkpoint-<state.step>, then removes the oldest ones above `limit` (0: none).
void save_checkpoint(const std::filesystem::path& output, const AdaptedModel& model, const AdamW& optimiser,
                     const TrainState& state, const nlohmann::ordered_json& identity, int64_t limit);

/// The one with the most steps; folders half written by a killed run do not count.
std::optional<std::filesystem::path> latest_checkpoint(const std::filesystem::path& output);

/// Copies weights and moments in. Throws Error for what is no checkpoint, and a usage Error that names each option by
/// which its run differs from this one.
TrainState load_checkpoint(const std::filesystem::path& folder, AdaptedModel& model, AdamW& optimiser,
                           const nlohmann::ordered_json& identity);

/// Copies the tensors of a folder that AdaptedModel::save wrote into a model of the same shape.
void load_weights(const std::filesystem::path& folder, AdaptedModel& model);

/// Removes what a killed run left half written or half removed.
void remove_leftovers(const std::filesystem::path& output);

}  // namespace sure
