#include "cli/prediction_format.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace sure {

namespace {

using Labels = std::vector<std::string>;

void begin_nothing(std::ostream&, const Labels&, bool) {}

void write_text(std::ostream& out, const Labels& labels, const Prediction& prediction) {
  out << fmt::format("{}\t{}\t{:.4f}", prediction.path, labels[prediction.best],
                     prediction.probabilities[prediction.best]);
  for (const double logit : prediction.logits) out << fmt::format("\t{:.6g}", logit);
  out << "\n";
}

nlohmann::ordered_json by_label(const Labels& labels, const std::vector<double>& values) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (size_t i = 0; i < labels.size(); ++i) json[labels[i]] = values[i];
  return json;
}

void write_jsonl(std::ostream& out, const Labels& labels, const Prediction& prediction) {
  nlohmann::ordered_json json = {{"path", prediction.path},
                                 {"label", labels[prediction.best]},
                                 {"probabilities", by_label(labels, prediction.probabilities)}};
  if (!prediction.logits.empty()) json["logits"] = by_label(labels, prediction.logits);
  // File names need not be UTF-8.
  out << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

/// RFC 4180: quotes around what needs them, quotes inside doubled.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

void begin_csv(std::ostream& out, const Labels& labels, bool logits) {
  out << "path,label";
  for (const std::string& label : labels) out << "," << csv_field("p:" + label);
  for (const std::string& label : logits ? labels : Labels()) out << "," << csv_field("logit:" + label);
  out << "\n";
}

void write_csv(std::ostream& out, const Labels& labels, const Prediction& prediction) {
  out << csv_field(prediction.path) << "," << csv_field(labels[prediction.best]);
  for (const double value : prediction.probabilities) out << fmt::format(",{:.6g}", value);
  for (const double value : prediction.logits) out << fmt::format(",{:.6g}", value);
  out << "\n";
}

}  // namespace

const std::vector<PredictionFormat>& prediction_formats() {
  static const std::vector<PredictionFormat> table = {
      {"text", "path, label, probability; tabs between", begin_nothing, write_text},
      {"jsonl", "one JSON object a line", begin_nothing, write_jsonl},
      {"csv", "a heading, then one line a file", begin_csv, write_csv},
  };
  return table;
}

}  // namespace sure
