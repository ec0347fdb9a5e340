// How `sure predict` writes what it found: a table of formats.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "predict/predictor.h"
#include "tasks/task.h"

namespace sure {

/// What the writers need to know besides the prediction.
struct PredictionStyle {
  const Task& task;
  const Labels& labels;
  bool logits = false;       // write them too
  bool token_times = false;  // write each token of a transcript with its time
  bool windows = false;      // a recording has many segments: write their times

  bool has_labels() const { return task.output == OutputKind::labels; }
};

/// A format: one row of the table.
struct PredictionFormat {
  std::string name;
  std::string help;
  /// Of the file that each recording gets; empty: all recordings go into one.
  std::string suffix;
  /// Written before the first recording; may be nothing.
  void (*begin)(std::ostream& out, const PredictionStyle& style);
  /// `name`: what the recording is called; foreign, like labels and words.
  void (*write)(std::ostream& out, const PredictionStyle& style, const std::string& name,
                const RecordingResult& result);
};

const std::vector<PredictionFormat>& prediction_formats();

}  // namespace sure
