// An evaluation as JSON and as text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tasks/objective.h"
#include "train/trainer.h"

namespace sure {

struct ReportOptions {
  int64_t bootstrap = 0;  // resamples for 95 % confidence intervals of the metrics; 0 = none
  int64_t seed = 1314;
};

/// {"clips", "seconds", "metrics": {name: value}} with the objective's details, with "intervals": {name: [low, high]}
/// and with "skipped" when asked for or above 0.
nlohmann::ordered_json evaluation_to_json(const Evaluation& evaluation, const Objective& objective,
                                          const ReportOptions& options = {});

/// What evaluation_to_json holds besides metrics, for people: the confusion matrix as a table with row and column
/// names, or the first transcripts beside their references. Ends with a newline unless empty.
std::string format_details(const nlohmann::ordered_json& evaluation);

/// "wer [0.31, 0.37]" for each interval, one a line; empty without intervals.
std::string format_intervals(const nlohmann::ordered_json& evaluation);

}  // namespace sure
