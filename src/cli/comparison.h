// Results of several runs as one table: a row for each method, mean ± deviation over its seeds.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sure {

struct Spread {
  double mean = 0;
  double deviation = 0;  // of the sample (n - 1); 0 for a single value
};

Spread spread_of(const std::vector<double>& values);

/// "0.9123 ± 0.0045"; the mean alone for a single run.
std::string format_spread(const Spread& spread, int digits, size_t runs);

/// The words of a row.
using Cells = std::vector<std::string>;

/// Rows of equally many cells, the first column to the left, the others to the right.
std::string align_columns(const std::vector<Cells>& table);

struct ComparisonRow {
  std::string method;
  Spread metric;
  int64_t trained = 0;
  double share_percent = 0;
  Spread seconds_per_step;
  double peak_memory_bytes = 0;  // the highest of its runs
  size_t runs = 0;
};

struct Comparison {
  std::string metric;  // name
  std::string split;   // "test", or "valid" where the runs were not tested
  std::vector<ComparisonRow> rows;
};

/// `results`: for each method, its runs' results.json. Throws Error for a run without metrics.
Comparison compare_results(const std::vector<std::vector<nlohmann::json>>& results);

std::string comparison_to_text(const Comparison& comparison);
std::string comparison_to_markdown(const Comparison& comparison);
std::string comparison_to_json(const Comparison& comparison);

/// A way to write the table: one row of the list.
struct ComparisonFormat {
  std::string name;
  std::string (*write)(const Comparison& comparison);
};

const std::vector<ComparisonFormat>& comparison_formats();

}  // namespace sure
