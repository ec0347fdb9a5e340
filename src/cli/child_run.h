// A training run in a process of its own: what compare and the folds of cross-validation are made of.
#pragma once

#include <nlohmann/json.hpp>

#include "train/run_config.h"

namespace sure {

/// Runs `sure train` with this configuration and returns its results.json. With --resume the results of a finished run
/// with this very configuration are reused, and one that was cut off goes on. Throws Error, naming the folder, for a
/// run that fails.
nlohmann::json train_in_child(const RunConfig& config, bool overwrite_output_dir);

/// The configuration of a part of `config`: the same in the folder `name` below its output_dir, logs too.
RunConfig part_of_run(RunConfig config, const std::string& name);

}  // namespace sure
