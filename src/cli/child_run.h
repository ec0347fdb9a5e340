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

/// Sends `signal` to the child that runs now, if any, and waits for its end, so that the next command meets nobody at
/// work. May be called from a signal handler.
void end_child(int signal);

/// In a program that run_itself started: when that one ends, however that comes, SIGTERM ends this one too.
void end_with_parent();

}  // namespace sure
