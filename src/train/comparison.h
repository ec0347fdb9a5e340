// Results of several runs beside each other: methods over seeds, or the folds of cross-validation.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "metrics/spread.h"

namespace sure {

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

nlohmann::ordered_json comparison_to_json(const Comparison& comparison);

/// Where a fold's run lies below the whole's folder; `index` from 0.
std::string fold_folder(size_t index);

/// What results.json of the whole holds, from those of the folds: what they share, "folds", "mean", "deviation", and
/// "test" with the means as its metrics.
nlohmann::ordered_json average_folds(const std::vector<std::string>& names, const std::vector<nlohmann::json>& results);

}  // namespace sure
