// The flags of a training run: every option of RunConfig, --config, and the original's switches.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/flags.h"
#include "cli/legacy_flags.h"
#include "train/run_config.h"

namespace sure {

/// Flags that say what becomes of an earlier run's files; they are no part of the configuration.
struct RunFlags {
  RunConfig config;
  LegacyFlags legacy;
  bool overwrite_output_dir = false;
};

/// Adds them all to `flags`; `run` must outlive the parsing. --config is read before the other flags are set.
void add_run_flags(FlagSet& flags, RunFlags& run);

/// The flags that most runs set, in the order of use: what --help shows.
std::vector<std::string> common_run_flags();

/// After parsing: applies the original's switches, fills in what is left to the task and the method, and validates.
/// The result resolves to itself.
RunConfig resolve_run(const RunFlags& run, const FlagSet& flags);

/// What config.json holds: every flag but --resume, which belongs to one call and not to the run.
nlohmann::ordered_json config_to_json(RunConfig config);

/// Reads such a file. Throws Error, naming file and key, for unknown keys and wrong types.
void read_config(const std::filesystem::path& path, RunConfig& config);

/// Task, model, tuning and head options of a run on these classes.
ModelSpec model_spec(const RunConfig& config, const std::vector<std::string>& labels);

}  // namespace sure
