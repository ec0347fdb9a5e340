#include "cli/comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/json_text.h"
#include "text/counted.h"
#include "text/printable.h"

namespace sure {

namespace {

constexpr double kMebibyte = 1024.0 * 1024.0;

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

}  // namespace

std::string format_spread(const Spread& spread, int digits, size_t runs) {
  if (runs < 2) return fmt::format("{:.{}f}", spread.mean, digits);
  return fmt::format("{:.{}f} ± {:.{}f}", spread.mean, digits, spread.deviation, digits);
}

std::string align_columns(const std::vector<Cells>& table) {
  std::vector<size_t> widths(table.front().size());
  for (const Cells& row : table) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::string text;
  for (const Cells& row : table) {
    text += row[0] + std::string(widths[0] - columns_of(row[0]), ' ');
    for (size_t i = 1; i < row.size(); ++i) text += std::string(widths[i] - columns_of(row[i]) + 2, ' ') + row[i];
    text += '\n';
  }
  return text;
}

std::string comparison_to_text(const Comparison& comparison) { return align_columns(cells_of(comparison)); }

std::string comparison_to_markdown(const Comparison& comparison) {
  const std::vector<Cells> table = cells_of(comparison);
  std::string text = fmt::format("| {} |\n|---{}|\n", fmt::join(table.front(), " | "), "|---:|---:|---:|---:|---:");
  for (size_t i = 1; i < table.size(); ++i) text += fmt::format("| {} |\n", fmt::join(table[i], " | "));
  return text;
}

const std::vector<ComparisonFormat>& comparison_formats() {
  static const std::vector<ComparisonFormat> table = {
      {"text", comparison_to_text},
      {"markdown", comparison_to_markdown},
      {"json", [](const Comparison& comparison) { return json_text(comparison_to_json(comparison)); }}};
  return table;
}

}  // namespace sure
