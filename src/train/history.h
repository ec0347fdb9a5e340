// What a run has to show of its course: the curves that results.json and checkpoints hold.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "tasks/objective.h"

namespace sure {

struct StepPoint {
  int64_t step = 0;
  double loss = 0;
  double learning_rate = 0;
};

struct EvaluationPoint {
  int64_t step = 0;
  Metrics metrics = {};
};

struct History {
  std::vector<StepPoint> steps = {};  // every logging_steps, and the last
  std::vector<EvaluationPoint> evaluations = {};
};

/// {"train": [{"step", "loss", "learning_rate"} …], "valid": [{"step", metric …} …]}.
nlohmann::ordered_json history_to_json(const History& history);

/// Throws a Json exception for anything else.
History history_from_json(const nlohmann::ordered_json& json);

}  // namespace sure
