#include "cli/evaluation_report.h"

#include <algorithm>

#include "metrics/classification.h"

namespace sure {

namespace {

constexpr size_t kNameWidth = 12;

using Counts = std::vector<std::vector<int64_t>>;

/// rows[true class][predicted class].
Counts confusion_counts(const Evaluation& evaluation, size_t classes) {
  const Predictions& predictions = evaluation.predictions;
  const Tensor matrix =
      confusion_matrix(predictions.labels, predictions.logits.argmax(1), static_cast<int64_t>(classes)).contiguous();
  Counts rows;
  for (size_t row = 0; row < classes; ++row) {
    const int64_t* begin = matrix.data_ptr<int64_t>() + row * classes;
    rows.emplace_back(begin, begin + classes);
  }
  return rows;
}

std::string shorten(const std::string& name) { return name.size() <= kNameWidth ? name : name.substr(0, kNameWidth); }

}  // namespace

nlohmann::ordered_json evaluation_to_json(const Evaluation& evaluation, const std::vector<std::string>& labels) {
  return {{"clips", evaluation.predictions.labels.size(0)},
          {"seconds", evaluation.seconds},
          {"metrics", evaluation.metrics},
          {"labels", labels},
          {"confusion", confusion_counts(evaluation, labels.size())}};
}

std::string format_confusion(const Evaluation& evaluation, const std::vector<std::string>& labels) {
  size_t width = 5;
  for (const std::string& label : labels) width = std::max(width, shorten(label).size());
  std::string text = fmt::format("{:>{}} |", "true", width);
  for (const std::string& label : labels) text += fmt::format(" {:>{}}", shorten(label), width);
  text += "  (columns: predicted)\n";
  const Counts counts = confusion_counts(evaluation, labels.size());
  for (size_t row = 0; row < labels.size(); ++row) {
    text += fmt::format("{:>{}} |", shorten(labels[row]), width);
    for (const int64_t count : counts[row]) text += fmt::format(" {:>{}}", count, width);
    text += "\n";
  }
  return text;
}

}  // namespace sure
