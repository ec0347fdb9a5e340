// Which numbers a flag takes.
#pragma once

#include <limits>
#include <nlohmann/json.hpp>
#include <span>

namespace sure {

struct Range {
  const char* flag;
  double least;
  double most = std::numeric_limits<double>::infinity();
};

/// `options`: of options_to_json. Throws a usage Error that names the first flag whose value is not finite or outside
/// its range.
void check_ranges(const nlohmann::ordered_json& options, std::span<const Range> ranges);

}  // namespace sure
