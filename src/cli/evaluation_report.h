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
  bool full_confusion = false;  // as text: all of a confusion matrix, also where it is wider than a screen
};

/// {"clips", "seconds", "metrics": {name: value}} with the objective's details, with "intervals": {name: [low, high]}
/// and with "skipped" when asked for or above 0.
nlohmann::ordered_json evaluation_to_json(const Evaluation& evaluation, const Objective& objective,
                                          const ReportOptions& options = {});

/// Of what evaluation_to_json holds the metrics, for people, in lines of at most 80 columns: `title`, as in "test: ",
/// then "accuracy 0.9000 · f1 0.8989" and below it the intervals, if any.
std::string format_metrics(const std::string& title, const nlohmann::ordered_json& evaluation);

/// The rest of it, by task: a row for each class and the confusion matrix; the edits and some of the transcripts from
/// all over the set; the pairs of voices. Ends with a newline unless empty.
std::string format_details(const nlohmann::ordered_json& evaluation, const ReportOptions& options = {});

}  // namespace sure
