// An evaluation as JSON: what results.json holds of a split.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "tasks/objective.h"
#include "train/trainer.h"

namespace sure {

/// 95 % confidence intervals of the metrics.
struct IntervalOptions {
  int64_t bootstrap = 0;  // resamples of the clips; 0 = no intervals
  int64_t seed = 1314;
};

/// {"clips", "seconds", "metrics": {name: value}} with the objective's details, with "intervals": {name: [low, high]}
/// and with "skipped" when asked for or above 0.
nlohmann::ordered_json evaluation_to_json(const Evaluation& evaluation, const Objective& objective,
                                          const IntervalOptions& options = {});

}  // namespace sure
