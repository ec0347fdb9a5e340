// How `sure predict` writes one clip's prediction: a table of formats.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace sure {

struct Prediction {
  std::string path;
  size_t best = 0;                    // class
  std::vector<double> probabilities;  // [C]
  std::vector<double> logits;         // [C]; empty when not asked for
};

/// A format: one row of the table.
struct PredictionFormat {
  std::string name;
  std::string help;
  /// Written before the first prediction; may be nothing.
  void (*begin)(std::ostream& out, const std::vector<std::string>& labels, bool logits);
  void (*write)(std::ostream& out, const std::vector<std::string>& labels, const Prediction& prediction);
};

const std::vector<PredictionFormat>& prediction_formats();

}  // namespace sure
