// What a run's TensorBoard log holds besides its curves: the test's metrics, the run's row of the HParams tab, and the
// confusion of classes as a picture and a table.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tasks/objective.h"
#include "train/run_config.h"

namespace sure {

/// logging_dir, or the folder log below output_dir.
std::filesystem::path log_folder(const TrainOptions& options);

/// `details`: of Objective::details, for the test clips. `step`: of the tested model.
void log_test(const RunConfig& config, int64_t step, const Metrics& metrics, const nlohmann::ordered_json& details);

}  // namespace sure
