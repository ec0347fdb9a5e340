// What became of each class, as tables that fit a terminal of 80 columns.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sure {

/// Columns that a report takes at most.
constexpr size_t kScreenColumns = 80;

/// A row for each class of Objective::details' "per_class": precision, recall, F1 and number of clips; of very many
/// classes, unless `full`, those with the lowest F1. Ends with a newline.
std::string format_class_scores(const nlohmann::ordered_json& per_class, bool full);

/// counts[true class][predicted class] as a table with short names, or numbers where names have no room. A matrix
/// without room comes, if `full`, in blocks of columns, else as the pairs that are confused most often. Ends with a
/// newline.
std::string format_confusion(const nlohmann::ordered_json& counts, const std::vector<std::string>& labels, bool full);

}  // namespace sure
