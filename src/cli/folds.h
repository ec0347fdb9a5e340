// Cross-validation: one training run for each fold, and the average over them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "train/run_config.h"

namespace sure {

/// Trains every fold of `config.data.folds` in output_dir/fold-1, fold-2 …, each in a process of its own; finished
/// folds of a resumed run are kept. Leaves config.json and results.json, with the mean and deviation of each metric on
/// the test parts, and prints them as a table.
void train_folds(const RunConfig& config, bool overwrite_output_dir);

/// What average_folds() gives as a table: a row for each fold, then mean ± deviation.
std::string format_folds(const nlohmann::ordered_json& averaged);

}  // namespace sure
