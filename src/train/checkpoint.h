// checkpoint-N folders: the model's own files (of an AdaptedModel adapter.safetensors and adapter.json),
// optimizer.safetensors (AdamW's moments) and trainer_state.json (where the run stands and what it is). A folder is
// there whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/owned_folder.h"
#include "data/dataset.h"
#include "model/adapted_model.h"
#include "train/best_model.h"
#include "train/optimiser.h"
#include "train/run_config.h"

namespace sure {

/// What two runs must share for one to go on from the other's checkpoint: the backbone's fingerprint, the clips in
/// their order, and every option that has a say in the weights.
nlohmann::ordered_json run_identity(const AdaptedModel& model, const Dataset& data, const RunConfig& config);

/// The same of a model that has nothing to add to its weights' fingerprint.
nlohmann::ordered_json run_identity(const std::string& fingerprint, const Dataset& data, const RunConfig& config);

/// Writes a model's files into a folder, or reads them from it.
using ModelFiles = std::function<void(const std::filesystem::path& folder)>;

/// What training and pre-training leave in their output folder.
const FolderKind& best_model_folder();
const FolderKind& training_checkpoint();
const FolderKind& pretraining_checkpoint();

/// Writes `output`/checkpoint-<state.step>, then removes the oldest ones of that kind above `limit` (0: none). Returns
/// warnings: what could not be removed.
std::vector<std::string> save_checkpoint(const std::filesystem::path& output, const FolderKind& kind,
                                         const ModelFiles& save_model, const AdamW& optimiser, const TrainState& state,
                                         const nlohmann::ordered_json& identity, int64_t limit);

/// The one with the most steps, of either kind; half written or half removed ones do not count, nor what others wrote.
/// Throws Error when the folder cannot be listed.
std::optional<std::filesystem::path> latest_checkpoint(const std::filesystem::path& output);

inline constexpr const char* kNothingToResume = "nothing to resume: starting from step 0";

/// Where a run into `output` goes on: `resume` is empty (a fresh start), a folder, or "latest", which finds none in a
/// folder without checkpoints. Throws a usage Error for a fresh start where there are some.
std::optional<std::filesystem::path> checkpoint_to_resume(const std::filesystem::path& output,
                                                          const std::string& resume);

/// Reads the model's files and copies the moments in. Throws Error for what is no checkpoint of a run of so many steps,
/// and a usage Error that names each option by which its run differs from this one.
TrainState load_checkpoint(const std::filesystem::path& folder, const ModelFiles& load_model, AdamW& optimiser,
                           const nlohmann::ordered_json& identity, int64_t total_steps);

/// "--lora_rank (8 there, 16 here)" for each key in which two identities differ; what only one version knows is
/// skipped.
std::vector<std::string> differences(const nlohmann::ordered_json& there, const nlohmann::ordered_json& here);

/// Of names and labels, not of the folder they lie in, which may have moved.
std::string digest(const std::vector<Example>& examples);

/// Copies the tensors of a safetensors file into those of the same names. Throws Error for a missing one or another
/// shape.
void copy_tensors(const std::filesystem::path& file, const ParameterList& into);

/// Copies the tensors of an adapter's folder into those of a model of the same shape.
void load_weights(const std::filesystem::path& folder, const ParameterList& into);

/// Removes what killed runs left half written or half removed in an output folder, those of older versions too, or puts
/// it in place. To be called under the folder's lock.
void clear_output_folder(const std::filesystem::path& output);

}  // namespace sure
