#include "cli/evaluation_report.h"

#include <algorithm>

#include "metrics/bootstrap.h"

namespace sure {

namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kNameWidth = 12;
constexpr double kConfidence = 0.95;
constexpr size_t kShownTranscripts = 5;

/// At most kNameWidth bytes, no character of several bytes cut in two.
std::string shorten(const std::string& name) {
  if (name.size() <= kNameWidth) return name;
  size_t end = kNameWidth;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
  return name.substr(0, end);
}

/// rows[true class][predicted class].
std::string format_confusion(const Json& rows, const std::vector<std::string>& labels) {
  size_t width = 5;
  for (const std::string& label : labels) width = std::max(width, shorten(label).size());
  std::string text = fmt::format("{:>{}} |", "true", width);
  for (const std::string& label : labels) text += fmt::format(" {:>{}}", shorten(label), width);
  text += "  (columns: predicted)\n";
  for (size_t row = 0; row < labels.size(); ++row) {
    text += fmt::format("{:>{}} |", shorten(labels[row]), width);
    for (const Json& count : rows.at(row)) text += fmt::format(" {:>{}}", count.get<int64_t>(), width);
    text += '\n';
  }
  return text;
}

std::string format_transcripts(const Json& transcripts) {
  std::string text;
  for (size_t i = 0; i < std::min(transcripts.size(), kShownTranscripts); ++i) {
    text += fmt::format("  said:  {}\n  heard: {}\n", transcripts[i].at("reference").get<std::string>(),
                        transcripts[i].at("hypothesis").get<std::string>());
  }
  return text;
}

Json intervals(const Evaluation& evaluation, const Objective& objective, const ReportOptions& options) {
  Json found;
  std::vector<Metrics> of_resamples;  // all metrics come at once, and the same seed draws the same resamples
  for (const auto& [name, value] : evaluation.metrics) {
    if (name == "loss") continue;
    const auto metric = [&, metric_name = name, resample = size_t{0}](const std::vector<size_t>& clips) mutable {
      if (resample == of_resamples.size()) {
        of_resamples.push_back(objective.metrics(evaluation.predictions, evaluation.targets, clips));
      }
      return of_resamples[resample++].at(metric_name);
    };
    const Interval interval = bootstrap(evaluation.predictions.size(), metric, static_cast<uint64_t>(options.seed),
                                        kConfidence, options.bootstrap);
    found[name] = {interval.low, interval.high};
  }
  return found;
}

}  // namespace

Json evaluation_to_json(const Evaluation& evaluation, const Objective& objective, const ReportOptions& options) {
  Json json = {
      {"clips", evaluation.predictions.size()}, {"seconds", evaluation.seconds}, {"metrics", evaluation.metrics}};
  if (evaluation.skipped > 0) json["skipped"] = evaluation.skipped;
  if (options.bootstrap > 0) json["intervals"] = intervals(evaluation, objective, options);
  json.update(objective.details(evaluation.predictions, evaluation.targets));
  return json;
}

std::string format_details(const Json& evaluation) {
  if (evaluation.contains("confusion")) {
    return format_confusion(evaluation["confusion"], evaluation.at("labels").get<std::vector<std::string>>());
  }
  if (evaluation.contains("transcripts")) return format_transcripts(evaluation["transcripts"]);
  return "";
}

std::string format_intervals(const Json& evaluation) {
  std::string text;
  if (!evaluation.contains("intervals")) return text;
  for (const auto& [name, interval] : evaluation["intervals"].items()) {
    text += fmt::format("{} [{:.4f}, {:.4f}] (95 %)\n", name, interval[0].get<double>(), interval[1].get<double>());
  }
  return text;
}

}  // namespace sure
