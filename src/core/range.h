// Which numbers a flag takes.
#pragma once

#include <limits>
#include <nlohmann/json.hpp>
#include <span>

namespace sure {

/// Far beyond any run's steps, clips or samples, and so few that products of two fit into 63 bits.
inline constexpr double kMostCounted = 1e9;

/// The whole numbers that JSON's readers keep exact.
inline constexpr double kMostExact = 9007199254740992;

struct Range {
  const char* flag;
  double least;
  double most = std::numeric_limits<double>::infinity();
};

/// `options`: of options_to_json. Throws a usage Error that names the first flag whose value is not finite or outside
/// its range.
void check_ranges(const nlohmann::ordered_json& options, std::span<const Range> ranges);

}  // namespace sure
