#include "cli/prediction_format.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/timed_formats.h"
#include "core/json_text.h"
#include "text/csv.h"
#include "text/printable.h"

namespace sure {

namespace {

using Json = nlohmann::ordered_json;

/// What one row's main column is called.
const char* text_column(const PredictionStyle& style) { return style.has_labels() ? "label" : "text"; }

void begin_nothing(std::ostream&, const PredictionStyle&) {}

void write_text(std::ostream& out, const PredictionStyle& style, const std::string& name,
                const RecordingResult& result) {
  for (const Segment& segment : result.segments) {
    out << printable(name);
    if (style.windows) out << fmt::format("\t{:.3f}\t{:.3f}", segment.start, segment.end);
    out << fmt::format("\t{}\t{:.4f}", printable(segment.prediction.text), segment.prediction.score);
    for (const float logit : style.logits ? segment.prediction.logits : std::vector<float>())
      out << fmt::format("\t{:.6g}", logit);
    out << "\n";
  }
}

template <class Number>
Json by_label(const Labels& labels, const std::vector<Number>& values) {
  Json json = Json::object();
  for (size_t i = 0; i < labels.size(); ++i) json[labels[i]] = values[i];
  return json;
}

/// Seconds to the millisecond, without digits that only say how binary fractions are.
double rounded(double seconds) { return std::round(seconds * 1000) / 1000; }

Json words_to_json(const std::vector<Word>& words, const char* name) {
  Json json = Json::array();
  for (const Word& word : words) {
    json.push_back({{name, word.text},
                    {"start", rounded(word.start)},
                    {"end", rounded(word.end)},
                    {"score", word.log_probability}});
  }
  return json;
}

Json segment_to_json(const PredictionStyle& style, const std::string& name, const Segment& segment) {
  const Prediction& prediction = segment.prediction;
  Json json = {{"path", name}};
  if (style.windows) json.update({{"start", rounded(segment.start)}, {"end", rounded(segment.end)}});
  json[text_column(style)] = prediction.text;
  if (style.has_labels()) {
    json["probabilities"] = by_label(style.labels, prediction.probabilities);
    if (style.logits) json["logits"] = by_label(style.labels, prediction.logits);
  } else {
    json["score"] = prediction.score;
    json["words"] = words_to_json(prediction.words, "word");
    if (style.token_times) json["tokens"] = words_to_json(prediction.tokens, "token");
  }
  return json;
}

void write_jsonl(std::ostream& out, const PredictionStyle& style, const std::string& name,
                 const RecordingResult& result) {
  for (const Segment& segment : result.segments) {
    out << printable_json(json_line(segment_to_json(style, name, segment))) << "\n";
  }
}

void begin_csv(std::ostream& out, const PredictionStyle& style) {
  out << "path," << (style.windows ? "start,end," : "") << text_column(style);
  if (!style.has_labels()) out << ",score";
  for (const std::string& label : style.has_labels() ? style.labels : Labels()) out << "," << csv_field("p:" + label);
  for (const std::string& label : style.logits ? style.labels : Labels()) out << "," << csv_field("logit:" + label);
  out << "\n";
}

void write_csv(std::ostream& out, const PredictionStyle& style, const std::string& name,
               const RecordingResult& result) {
  for (const Segment& segment : result.segments) {
    const Prediction& prediction = segment.prediction;
    out << csv_field(name);
    if (style.windows) out << fmt::format(",{:.3f},{:.3f}", segment.start, segment.end);
    out << "," << csv_field(prediction.text);
    if (!style.has_labels()) out << fmt::format(",{:.6g}", prediction.score);
    for (const double value : prediction.probabilities) out << fmt::format(",{:.6g}", value);
    for (const float value : style.logits ? prediction.logits : std::vector<float>())
      out << fmt::format(",{:.6g}", value);
    out << "\n";
  }
}

}  // namespace

const std::vector<PredictionFormat>& prediction_formats() {
  static const std::vector<PredictionFormat> table = {
      {"text", "path, label or transcript, score; tabs between", "", begin_nothing, write_text},
      {"jsonl", "one JSON object a line; transcripts with the times of their words", "", begin_nothing, write_jsonl},
      {"csv", "a heading, then one line a file", "", begin_csv, write_csv},
      {"srt", "subtitles", ".srt", begin_nothing, write_srt},
      {"vtt", "subtitles of the web", ".vtt", begin_vtt, write_vtt},
      {"textgrid", "Praat's tiers of words, or of labels", ".TextGrid", begin_nothing, write_textgrid},
  };
  return table;
}

}  // namespace sure
