// Results of several runs as a table.
#pragma once

#include <string>
#include <vector>

#include "train/comparison.h"

namespace sure {

/// "0.9123 ± 0.0045"; the mean alone for a single run.
std::string format_spread(const Spread& spread, int digits, size_t runs);

/// The words of a row.
using Cells = std::vector<std::string>;

/// Rows of equally many cells, the first column to the left, the others to the right.
std::string align_columns(const std::vector<Cells>& table);

std::string comparison_to_markdown(const Comparison& comparison);

/// A way to write a comparison, a row for each method with mean ± deviation over its seeds.
struct ComparisonFormat {
  std::string name;
  std::string (*write)(const Comparison& comparison);
};

const std::vector<ComparisonFormat>& comparison_formats();

}  // namespace sure
