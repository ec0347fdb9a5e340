#include "train/checkpoint.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_text.h"
#include "core/options.h"
#include "core/rng.h"
#include "core/strict_json.h"
#include "formats/checkpoint_folder.h"
#include "formats/safetensors.h"
#include "model/adapter_folder.h"

namespace sure {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kStateFile = "trainer_state.json";
constexpr const char* kOptimiserFile = "optimizer.safetensors";
constexpr const char* kChecksums = "checksums";  // of the files of weights, in the state

bool is_checkpoint(const fs::path& folder) {
  return is_owned(folder, training_checkpoint()) || is_owned(folder, pretraining_checkpoint());
}

/// By steps, ascending; `wanted` says which.
std::vector<std::pair<int64_t, fs::path>> checkpoints(const fs::path& output,
                                                      const std::function<bool(const fs::path&)>& wanted) {
  std::vector<std::pair<int64_t, fs::path>> found;
  if (!fs::exists(output)) return found;
  try {
    for (const auto& entry : fs::directory_iterator(output)) {
      const auto step = checkpoint_step(entry.path());
      if (step && wanted(entry.path())) found.emplace_back(*step, entry.path());
    }
  } catch (const fs::filesystem_error& error) {
    fail("{}: cannot list this folder ({})", output.string(), error.code().message());
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool has_state(const fs::path& checkpoint) { return fs::exists(checkpoint / kStateFile); }

std::vector<std::string> prune(const fs::path& output, const FolderKind& kind, const fs::path& newest, int64_t limit) {
  std::vector<std::string> warnings;
  if (limit <= 0) return warnings;
  const auto found =
      checkpoints(output, [&](const fs::path& folder) { return has_state(folder) && is_owned(folder, kind); });
  auto excess = static_cast<int64_t>(found.size()) - limit;
  for (const auto& checkpoint : found) {
    if (excess-- <= 0) break;
    if (checkpoint.second == newest) continue;
    const std::string warning = remove_own(checkpoint.second, kind, kStateFile);
    if (!warning.empty()) warnings.push_back(warning);
  }
  return warnings;
}

Json read_state(const fs::path& folder) {
  const fs::path path = folder / kStateFile;
  if (!fs::exists(path)) fail("{}: no checkpoint to go on from: it has no {}", folder.string(), kStateFile);
  return read_json(path);
}

Json state_to_json(const TrainState& state) {
  return {{"step", state.step},
          {"best_step", state.best_step},
          {"best_metric", state.best_metric},
          {"evaluations_without_gain", state.evaluations_without_gain},
          {"best_metrics", state.best_metrics},
          {"records", state.records},
          {"decided_by", state.decided_by},
          {"history", history_to_json(state.history)}};
}

/// The whole number at `key`, from 0 to `most`. `source`: the file's name.
int64_t count_of(const Json& json, const char* key, int64_t most, const std::string& source) {
  const Json& value = json.at(key);
  const bool fits = value.is_number_integer() && value >= 0 && value <= most;
  if (fits) return value;
  fail("{}: '{}' is {}, expected 0 to {}; go on from another checkpoint", source, key, value.dump(), most);
}

/// Throws Error or a Json exception for what no run of `total_steps` writes. What earlier versions did not write is
/// left empty.
TrainState state_from_json(const Json& json, int64_t total_steps, const std::string& source) {
  TrainState state;
  state.step = count_of(json, "step", total_steps, source);
  state.best_step = count_of(json, "best_step", state.step, source);
  state.evaluations_without_gain = count_of(json, "evaluations_without_gain", state.step, source);
  json.at("best_metric").get_to(state.best_metric);
  if (json.contains("best_metrics")) json["best_metrics"].get_to(state.best_metrics);
  if (json.contains("records")) json["records"].get_to(state.records);
  if (json.contains("decided_by")) json["decided_by"].get_to(state.decided_by);
  if (json.contains("history")) state.history = history_from_json(json["history"]);
  return state;
}

/// Earlier versions left the length of clips open in a run's identity, and took the task's.
void fill_in_length(Json& identity) {
  const auto length = identity.find("--max_samples");
  if (length == identity.end() || *length != -1 || !identity.contains("--task")) return;
  *length = find_task(identity.at("--task").get<std::string>()).max_samples;
}

void check_same_run(const fs::path& folder, const Json& there, const Json& here) {
  const std::vector<std::string> found = differences(there, here);
  if (found.empty()) return;
  fail_usage("{}: its run differs in {}; give the same options, or start anew in another --output_dir", folder.string(),
             fmt::join(found, ", "));
}

// What versions before the mark left: NAME.PID.tmp and checkpoint-N.old.tmp.
bool is_old_leftover(const std::string& name) {
  static const std::regex names(
      R"((checkpoint-\d+|best_model|model|(config|results|comparison)\.json|comparison\.md|targets\.safetensors)\.(\d+|old)\.tmp)");
  return std::regex_match(name, names);
}

/// Of every file of weights in a folder, by its name.
Json checksums(const fs::path& folder) {
  Json sums = Json::object();
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".safetensors") continue;
    sums[entry.path().filename().string()] = fingerprint(read_safetensors(entry.path()).tensors);
  }
  return sums;
}

/// Checkpoints of earlier versions have no checksums.
void check_weights(const fs::path& folder, const Json& state) {
  if (!state.contains(kChecksums)) return;
  const Json found = checksums(folder);
  for (const auto& [name, sum] : state.at(kChecksums).items()) {
    if (found.contains(name) && found.at(name) != sum) {
      fail("{}: not as it was written: its checksum differs; go on from another checkpoint", (folder / name).string());
    }
  }
}

void copy_list(const ParameterList& from, const ParameterList& into, const std::string& origin) {
  const at::NoGradGuard no_grad;
  ListSource source(from, origin);
  for (const NamedTensor& tensor : into) {
    Tensor value = tensor.value;
    value.copy_(source.get(tensor.name, value.sizes(), {}));
  }
}

}  // namespace

const FolderKind& best_model_folder() {
  static const FolderKind kind = {"sure train: best model", {"adapter.json", "adapter.safetensors"}, {}};
  return kind;
}

const FolderKind& training_checkpoint() {
  static const FolderKind kind = {
      "sure train: checkpoint", {"adapter.json", "adapter.safetensors", kOptimiserFile, kStateFile}, {}};
  return kind;
}

const FolderKind& pretraining_checkpoint() {
  static const FolderKind kind = {"sure pretrain: checkpoint", {"weights.safetensors", kOptimiserFile, kStateFile}, {}};
  return kind;
}

std::string digest(const std::vector<Example>& examples) {
  uint64_t hash = examples.size();
  for (const Example& example : examples) {
    hash = mix_seed(mix_seed(hash, example.path.filename().string()), example.target);
  }
  return fmt::format("{} clips, digest {:016x}", examples.size(), hash);
}

Json run_identity(const std::string& fingerprint, const Dataset& data, const RunConfig& config) {
  Json identity = {{"backbone", fingerprint}, {"training clips", digest(data.train)}};
  identity["validation clips"] = digest(data.valid);
  const Json options = options_to_json(config);
  const std::set<std::string> ignored = ignored_on_resume(config);
  for (const auto& item : options.items()) {
    if (!ignored.contains(item.key())) identity["--" + item.key()] = item.value();
  }
  return identity;
}

Json run_identity(const AdaptedModel& model, const Dataset& data, const RunConfig& config) {
  Json identity = run_identity(model.fingerprint(), data, config);
  identity["labels"] = model.spec().labels;
  const Json of_model = options_to_json(model.spec().model);
  identity["--task"] = model.task().name;
  for (const char* name : {"max_samples", "padding"}) identity[fmt::format("--{}", name)] = of_model[name];
  return identity;
}

std::vector<std::string> save_checkpoint(const fs::path& output, const FolderKind& kind, const ModelFiles& save_model,
                                         const AdamW& optimiser, const TrainState& state, const Json& identity,
                                         int64_t limit) {
  const fs::path folder = output / fmt::format("{}{}", kCheckpointPrefix, state.step);
  const std::string warning = write_folder(folder, kind, [&](const fs::path& fresh) {
    save_model(fresh);
    write_safetensors(fresh / kOptimiserFile, optimiser.state());
    Json json = state_to_json(state);
    json["run"] = identity;
    json[kChecksums] = checksums(fresh);
    write_file(fresh / kStateFile, json_text(json));
  });
  std::vector<std::string> warnings = prune(output, kind, folder, limit);
  if (!warning.empty()) warnings.push_back(warning);
  return warnings;
}

std::optional<fs::path> latest_checkpoint(const fs::path& output) {
  const auto found =
      checkpoints(output, [](const fs::path& folder) { return has_state(folder) && is_checkpoint(folder); });
  return found.empty() ? std::nullopt : std::optional(found.back().second);
}

std::optional<fs::path> checkpoint_to_resume(const fs::path& output, const std::string& resume) {
  if (!resume.empty() && resume != "latest") return fs::path(resume);
  const auto latest = latest_checkpoint(output);
  if (resume.empty() && latest) {
    fail_usage("{}: holds checkpoints of an earlier run; go on with --resume latest, or name another --output_dir",
               output.string());
  }
  return latest;
}

TrainState load_checkpoint(const fs::path& folder, const ModelFiles& load_model, AdamW& optimiser, const Json& identity,
                           int64_t total_steps) {
  const Json json = read_state(folder);
  TrainState state;
  try {
    Json there = json.at("run");
    fill_in_length(there);
    check_same_run(folder, there, identity);
    state = state_from_json(json, total_steps, (folder / kStateFile).string());
    check_weights(folder, json);
  } catch (const Json::exception&) {
    fail("{}: a field is missing or has the wrong type; go on from another checkpoint", (folder / kStateFile).string());
  }
  load_model(folder);
  copy_tensors(folder / kOptimiserFile, optimiser.state());
  return state;
}

std::vector<std::string> differences(const Json& there, const Json& here) {
  std::vector<std::string> found;
  for (const auto& item : here.items()) {
    if (!there.contains(item.key())) continue;
    const std::string theirs = json_line(there.at(item.key())), ours = json_line(item.value());
    if (theirs != ours) found.push_back(fmt::format("{} ({} there, {} here)", item.key(), theirs, ours));
  }
  return found;
}

void copy_tensors(const fs::path& path, const ParameterList& into) {
  copy_list(read_safetensors(path).tensors, into, path.string());
}

void load_weights(const fs::path& folder, const ParameterList& into) {
  copy_list(read_adapter_folder(folder).tensors, into, (folder / "adapter.safetensors").string());
}

void clear_output_folder(const fs::path& output) {
  remove_leftovers(output);
  const auto half_removed = [](const fs::path& folder) { return !has_state(folder); };
  for (const auto& [step, folder] : checkpoints(output, half_removed)) {
    for (const FolderKind* kind : {&training_checkpoint(), &pretraining_checkpoint()}) {
      if (is_owned(folder, *kind)) remove_own(folder, *kind);
    }
  }
  std::error_code missing;
  std::vector<fs::path> old;
  for (const auto& entry : fs::directory_iterator(output, missing)) {
    if (is_old_leftover(entry.path().filename().string())) old.push_back(entry.path());
  }
  for (const fs::path& leftover : old) fs::remove_all(leftover, missing);
}

}  // namespace sure
