// The files of a run besides its models: config.json and results.json.
#pragma once

#include <nlohmann/json.hpp>

#include "train/loop.h"
#include "train/run_config.h"

namespace sure {

/// A run that is resumed keeps its own results until the training has found that this is the same run.
bool starts_anew(const TrainOptions& options);

void save_config(const RunConfig& config, const nlohmann::ordered_json& json);

/// How the training went, as results.json tells it.
nlohmann::ordered_json trained_to_json(const TrainResult& trained);

/// Of the run that is evaluated again: how it was trained is still true.
nlohmann::ordered_json earlier_results(const std::filesystem::path& folder);

void write_results(const RunConfig& config, const nlohmann::ordered_json& results);

}  // namespace sure
