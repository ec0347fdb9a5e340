// Look-up in the tables that list the members of a family (methods, backbones, data sets, tasks).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace sure {

/// The row of `table` whose `name` is `name`. Throws a usage Error that lists the valid names; `what` says what is
/// looked for, as in "method".
template <class Row>
const Row& find_row(const std::vector<Row>& table, std::string_view name, std::string_view what) {
  const auto row = std::find_if(table.begin(), table.end(), [&](const Row& r) { return r.name == name; });
  if (row != table.end()) return *row;
  std::vector<std::string> names;
  for (const Row& r : table) names.emplace_back(r.name);
  fail_usage("unknown {} '{}': use one of {}", what, name, fmt::join(names, ", "));
}

}  // namespace sure
