// Look-up in the tables that list the members of a family (methods, backbones, data sets, tasks).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace sure {

/// "lora (low-rank updates), head (only the head)": every row's name with its help, for a help line.
template <class Row>
std::string list_rows(const std::vector<Row>& table) {
  std::vector<std::string> rows;
  for (const Row& row : table) rows.push_back(fmt::format("{} ({})", row.name, row.help));
  return fmt::format("{}", fmt::join(rows, ", "));
}

/// "lora, head": the names alone.
template <class Row>
std::string list_names(const std::vector<Row>& table) {
  std::vector<std::string> names;
  for (const Row& row : table) names.emplace_back(row.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

/// The row of `table` whose `name` is `name`. Throws a usage Error that lists the valid names; `what` says what is
/// looked for, as in "method".
template <class Row>
const Row& find_row(const std::vector<Row>& table, std::string_view name, std::string_view what) {
  const auto row = std::find_if(table.begin(), table.end(), [&](const Row& r) { return r.name == name; });
  if (row != table.end()) return *row;
  fail_usage("unknown {} '{}': use one of {}", what, name, list_names(table));
}

}  // namespace sure
