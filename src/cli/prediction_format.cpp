#include "cli/prediction_format.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace sure {

namespace {

using Json = nlohmann::ordered_json;

bool has_labels(const PredictionStyle& style) { return style.task.output == OutputKind::labels; }

/// What one row's main column is called.
const char* text_column(const PredictionStyle& style) { return has_labels(style) ? "label" : "text"; }

void begin_nothing(std::ostream&, const PredictionStyle&) {}

void write_text(std::ostream& out, const PredictionStyle& style, const std::string& path,
                const Prediction& prediction) {
  out << fmt::format("{}\t{}\t{:.4f}", path, prediction.text, prediction.score);
  for (const float logit : style.logits ? prediction.logits : std::vector<float>())
    out << fmt::format("\t{:.6g}", logit);
  out << "\n";
}

template <class Number>
Json by_label(const Labels& labels, const std::vector<Number>& values) {
  Json json = Json::object();
  for (size_t i = 0; i < labels.size(); ++i) json[labels[i]] = values[i];
  return json;
}

Json words_to_json(const std::vector<Word>& words, const char* name) {
  Json json = Json::array();
  for (const Word& word : words) {
    json.push_back({{name, word.text}, {"start", word.start}, {"end", word.end}, {"score", word.log_probability}});
  }
  return json;
}

void write_jsonl(std::ostream& out, const PredictionStyle& style, const std::string& path,
                 const Prediction& prediction) {
  Json json = {{"path", path}, {text_column(style), prediction.text}};
  if (has_labels(style)) {
    json["probabilities"] = by_label(style.labels, prediction.probabilities);
    if (style.logits) json["logits"] = by_label(style.labels, prediction.logits);
  } else {
    json["score"] = prediction.score;
    json["words"] = words_to_json(prediction.words, "word");
    if (style.token_times) json["tokens"] = words_to_json(prediction.tokens, "token");
  }
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

void begin_csv(std::ostream& out, const PredictionStyle& style) {
  out << "path," << text_column(style);
  if (!has_labels(style)) out << ",score";
  for (const std::string& label : has_labels(style) ? style.labels : Labels()) out << "," << csv_field("p:" + label);
  for (const std::string& label : style.logits ? style.labels : Labels()) out << "," << csv_field("logit:" + label);
  out << "\n";
}

void write_csv(std::ostream& out, const PredictionStyle& style, const std::string& path, const Prediction& prediction) {
  out << csv_field(path) << "," << csv_field(prediction.text);
  if (!has_labels(style)) out << fmt::format(",{:.6g}", prediction.score);
  for (const double value : prediction.probabilities) out << fmt::format(",{:.6g}", value);
  for (const float value : style.logits ? prediction.logits : std::vector<float>())
    out << fmt::format(",{:.6g}", value);
  out << "\n";
}

}  // namespace

const std::vector<PredictionFormat>& prediction_formats() {
  static const std::vector<PredictionFormat> table = {
      {"text", "path, label or transcript, score; tabs between", begin_nothing, write_text},
      {"jsonl", "one JSON object a line; transcripts with the times of their words", begin_nothing, write_jsonl},
      {"csv", "a heading, then one line a file", begin_csv, write_csv},
  };
  return table;
}

}  // namespace sure
