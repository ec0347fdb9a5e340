// A whole training run: data set + backbone + tuning method -> output_dir/{config.json, best_model/, results.json}.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/world.h"
#include "train/run_config.h"
#include "train/trainer.h"

namespace sure {

/// What a run tells besides its training.
class RunObserver : public TrainObserver {
 public:
  /// The run has its folder and writes to it from now on.
  virtual void on_folder(const RunConfig&) {}
  /// The metrics of a split, "valid" or "test", as evaluation_to_json gives them. `is_result`: of the last one.
  virtual void on_result(const std::string& /*split*/, const nlohmann::ordered_json& /*evaluation*/,
                         bool /*is_result*/) {}
};

struct RunOutcome {
  std::optional<TrainResult> trained;  // nothing where a run was only evaluated
  nlohmann::ordered_json results;      // what results.json holds
};

/// Reads the data, trains and measures as `config` says, of resolve(). `overwrite`: removes an earlier run's results
/// first. Of a world's processes rank 0 alone writes and tells; when one fails, the others throw OtherRankFailed.
/// Throws Error, also for a folder that holds something else.
RunOutcome run_training(const RunConfig& config, bool overwrite, RunObserver& observer, World& world = serial_world());

}  // namespace sure
