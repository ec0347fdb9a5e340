#include "cli/evaluation_report.h"

#include <algorithm>

#include "cli/confusion_report.h"
#include "text/counted.h"
#include "text/printable.h"

namespace sure {

namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kShownTranscripts = 5;
constexpr size_t kLinesOfTranscript = 6;

/// "accuracy 0.9000 · f1 0.8989" behind the title, on a second line what has no room.
std::string format_metric_lines(const std::string& title, const Json& metrics) {
  std::string text;
  std::string line = title;
  bool fresh = true;
  for (const auto& [name, value] : metrics.items()) {
    const std::string metric = fmt::format("{} {:.4f}", name, value.get<double>());
    std::string longer = line + (fresh ? "" : " · ") + metric;
    if (!fresh && columns_of(longer) > kScreenColumns) {
      text += line + "\n";
      longer = "  " + metric;
    }
    line = longer;
    fresh = false;
  }
  return text + line;
}

std::string format_intervals(const Json& intervals) {
  std::string text;
  for (const auto& [name, interval] : intervals.items()) {
    text += fmt::format("\n{} [{:.4f}, {:.4f}] (95 %)", name, interval[0].get<double>(), interval[1].get<double>());
  }
  return text;
}

std::string format_errors(const Json& errors) {
  std::string text = fmt::format("{:10} {:>11} {:>14} {:>11} {:>11} {:>9}\n", "", "in all", "substitutions",
                                 "deletions", "insertions", "rate");
  for (const auto& [unit, counts] : errors.items()) {
    const auto count = [&counts = counts](const char* name) { return with_commas(counts.at(name).get<int64_t>()); };
    text += fmt::format("{:10} {:>11} {:>14} {:>11} {:>11} {:>9.4f}\n", unit, count("count"), count("substitutions"),
                        count("deletions"), count("insertions"), counts.at("rate").get<double>());
  }
  return text;
}

std::string format_trials(const Json& evaluation) {
  return fmt::format("{} of one speaker, {} of two; both errors are as frequent at threshold {:.4f}\n",
                     counted(evaluation.at("target_trials").get<int64_t>(), "pair"),
                     with_commas(evaluation.at("non_target_trials").get<int64_t>()),
                     evaluation.at("eer_threshold").get<double>());
}

std::string format_spoken(const std::string& title, const std::string& spoken) {
  std::vector<std::string> lines = wrap(printable(spoken), kScreenColumns - title.size());
  if (lines.size() > kLinesOfTranscript) {
    lines.resize(kLinesOfTranscript);
    lines.back() = cut_to_columns(lines.back() + "…", kScreenColumns - title.size());
  }
  return fmt::format("{}{}\n", title, fmt::join(lines, "\n" + std::string(title.size(), ' ')));
}

/// From all over the set, because neighbours are often of one speaker.
std::string format_transcripts(const Json& transcripts) {
  std::string text;
  const size_t shown = std::min(transcripts.size(), kShownTranscripts);
  for (size_t i = 0; i < shown; ++i) {
    const Json& transcript = transcripts[(2 * i + 1) * transcripts.size() / (2 * shown)];
    text += format_spoken("  said:  ", transcript.at("reference").get<std::string>());
    text += format_spoken("  heard: ", transcript.at("hypothesis").get<std::string>());
  }
  return text;
}

}  // namespace

std::string format_metrics(const std::string& title, const Json& evaluation) {
  std::string text = format_metric_lines(title, evaluation.at("metrics"));
  if (evaluation.contains("intervals")) text += format_intervals(evaluation["intervals"]);
  return text;
}

std::string format_details(const Json& evaluation, bool full_confusion) {
  std::string text;
  if (evaluation.contains("per_class")) text += format_class_scores(evaluation["per_class"], full_confusion);
  if (evaluation.contains("confusion")) {
    text += format_confusion(evaluation["confusion"], evaluation.at("labels").get<std::vector<std::string>>(),
                             full_confusion);
  }
  if (evaluation.contains("confusions")) {
    for (const auto& [group, of_group] : evaluation["confusions"].items()) {
      text += group + ": " +
              format_confusion(of_group.at("confusion"), of_group.at("labels").get<std::vector<std::string>>(),
                               full_confusion);
    }
  }
  if (evaluation.contains("target_trials")) text += format_trials(evaluation);
  if (evaluation.contains("errors")) text += format_errors(evaluation["errors"]);
  if (evaluation.contains("transcripts")) text += format_transcripts(evaluation["transcripts"]);
  return text;
}

}  // namespace sure
