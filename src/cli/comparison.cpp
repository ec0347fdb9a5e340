#include "cli/comparison.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "text/counted.h"

namespace sure {

namespace {

constexpr double kMebibyte = 1024.0 * 1024.0;

ComparisonRow summarise(const std::vector<nlohmann::json>& runs, const std::string& split, const std::string& metric) {
  const nlohmann::json& first = runs.front();
  ComparisonRow row;
  row.method = first.at("method");
  row.trained = first.at("trained");
  row.share_percent = first.at("share_percent");
  row.runs = runs.size();
  std::vector<double> metrics;
  std::vector<double> seconds;
  for (const nlohmann::json& run : runs) {
    if (!run.contains(split))
      fail("{}: no metrics of the {} split; set --do_predict or --do_eval True", row.method, split);
    metrics.push_back(run.at(split).at("metrics").at(metric));
    seconds.push_back(run.at("seconds_per_step"));
    row.peak_memory_bytes = std::max(row.peak_memory_bytes, run.at("peak_memory_bytes").get<double>());
  }
  row.metric = spread_of(metrics);
  row.seconds_per_step = spread_of(seconds);
  return row;
}

/// Heading and rows as cells.
std::vector<Cells> cells_of(const Comparison& comparison) {
  std::vector<Cells> table = {{"method", fmt::format("{} ({})", comparison.metric, comparison.split), "trained",
                               "share %", "s/step", "peak MiB"}};
  for (const ComparisonRow& row : comparison.rows) {
    table.push_back({row.method, format_spread(row.metric, 4, row.runs), with_commas(row.trained),
                     fmt::format("{:.2f}", row.share_percent), format_spread(row.seconds_per_step, 3, row.runs),
                     fmt::format("{:.0f}", row.peak_memory_bytes / kMebibyte)});
  }
  return table;
}

/// Characters, not bytes: "±" is two bytes of UTF-8.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

Spread spread_of(const std::vector<double>& values) {
  Spread spread;
  const auto count = static_cast<double>(values.size());
  for (const double value : values) spread.mean += value / count;
  if (values.size() < 2) return spread;
  for (const double value : values) spread.deviation += (value - spread.mean) * (value - spread.mean) / (count - 1);
  spread.deviation = std::sqrt(spread.deviation);
  return spread;
}

std::string format_spread(const Spread& spread, int digits, size_t runs) {
  if (runs < 2) return fmt::format("{:.{}f}", spread.mean, digits);
  return fmt::format("{:.{}f} ± {:.{}f}", spread.mean, digits, spread.deviation, digits);
}

std::string align_columns(const std::vector<Cells>& table) {
  std::vector<size_t> widths(table.front().size());
  for (const Cells& row : table) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const Cells& row : table) {
    text += row[0] + std::string(widths[0] - width_of(row[0]), ' ');
    for (size_t i = 1; i < row.size(); ++i) text += std::string(widths[i] - width_of(row[i]) + 2, ' ') + row[i];
    text += '\n';
  }
  return text;
}

Comparison compare_results(const std::vector<std::vector<nlohmann::json>>& results) {
  Comparison comparison;
  const nlohmann::json& first = results.front().front();
  comparison.metric = first.at("metric");
  comparison.split = first.contains("test") ? "test" : "valid";
  for (const auto& runs : results) comparison.rows.push_back(summarise(runs, comparison.split, comparison.metric));
  return comparison;
}

std::string comparison_to_text(const Comparison& comparison) { return align_columns(cells_of(comparison)); }

std::string comparison_to_markdown(const Comparison& comparison) {
  const std::vector<Cells> table = cells_of(comparison);
  std::string text = fmt::format("| {} |\n|---{}|\n", fmt::join(table.front(), " | "), "|---:|---:|---:|---:|---:");
  for (size_t i = 1; i < table.size(); ++i) text += fmt::format("| {} |\n", fmt::join(table[i], " | "));
  return text;
}

std::string comparison_to_json(const Comparison& comparison) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const ComparisonRow& row : comparison.rows) {
    rows.push_back({{"method", row.method},
                    {"mean", row.metric.mean},
                    {"deviation", row.metric.deviation},
                    {"trained", row.trained},
                    {"share_percent", row.share_percent},
                    {"seconds_per_step", row.seconds_per_step.mean},
                    {"seconds_per_step_deviation", row.seconds_per_step.deviation},
                    {"peak_memory_bytes", row.peak_memory_bytes},
                    {"runs", row.runs}});
  }
  const nlohmann::ordered_json json = {{"metric", comparison.metric}, {"split", comparison.split}, {"methods", rows}};
  return json.dump(2) + "\n";
}

const std::vector<ComparisonFormat>& comparison_formats() {
  static const std::vector<ComparisonFormat> table = {
      {"text", comparison_to_text}, {"markdown", comparison_to_markdown}, {"json", comparison_to_json}};
  return table;
}

}  // namespace sure
