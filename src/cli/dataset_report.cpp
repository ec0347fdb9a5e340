#include "cli/dataset_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "text/printable.h"

namespace sure {

namespace {

constexpr double kSecondsPerHour = 3600;
constexpr size_t kPrintedSymbols = 60;

/// A space would not be seen between others.
std::string visible(const std::string& symbol) { return symbol == " " ? "(space)" : printable(symbol); }

std::string list_symbols(const std::vector<std::string>& symbols) {
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(symbols.size(), kPrintedSymbols); ++i) names.push_back(visible(symbols[i]));
  if (symbols.size() > kPrintedSymbols) names.push_back(fmt::format("… ({} in all)", symbols.size()));
  return fmt::format("{}", fmt::join(names, " "));
}

}  // namespace

std::string format_summary(const DatasetSummary& summary) {
  std::string text =
      fmt::format("{:<10} {:>9} {:>9} {:>9} {:>11}\n", "split", "clips", "hours", "speakers", summary.symbol_kind);
  for (const SplitSummary& split : summary.splits) {
    text += fmt::format("{:<10} {:>9} {:>9.2f} {:>9} {:>11}\n", split.name, split.clips,
                        split.seconds / kSecondsPerHour, split.speakers, split.symbols.size());
  }
  text += fmt::format("\n{}: {}\n", summary.symbol_kind, list_symbols(summary.symbols));
  if (!summary.languages.empty()) text += fmt::format("languages here: {}\n", fmt::join(summary.languages, ", "));
  for (const std::string& note : summary.notes) text += fmt::format("note: {}\n", printable(note));
  return text;
}

nlohmann::ordered_json summary_to_json(const DatasetSummary& summary) {
  nlohmann::ordered_json json;
  for (const SplitSummary& split : summary.splits) {
    json["splits"][split.name] = {{"clips", split.clips},
                                  {"hours", split.seconds / kSecondsPerHour},
                                  {"speakers", split.speakers},
                                  {summary.symbol_kind, split.symbols}};
  }
  json[summary.symbol_kind] = summary.symbols;
  if (!summary.languages.empty()) json["languages"] = summary.languages;
  json["notes"] = summary.notes;
  return json;
}

}  // namespace sure
