// How `sure predict` writes one clip's prediction: a table of formats.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "tasks/task.h"

namespace sure {

/// What the writers need to know besides the prediction.
struct PredictionStyle {
  const Task& task;
  const Labels& labels;
  bool logits = false;       // write them too
  bool token_times = false;  // write each token of a transcript with its time
};

/// A format: one row of the table.
struct PredictionFormat {
  std::string name;
  std::string help;
  /// Written before the first prediction; may be nothing.
  void (*begin)(std::ostream& out, const PredictionStyle& style);
  void (*write)(std::ostream& out, const PredictionStyle& style, const std::string& path, const Prediction& prediction);
};

const std::vector<PredictionFormat>& prediction_formats();

}  // namespace sure
