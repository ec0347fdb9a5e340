// Which numbers a flag takes.
#pragma once

#include <cstdint>
#include <limits>

namespace sure {

/// Far beyond any run's steps, clips or samples, and so few that products of two fit into 63 bits.
inline constexpr double kMostCounted = 1e9;

/// Wider than any layer, and small enough that sizes and their products fit into 63 bits.
inline constexpr double kWidestLayer = 65536;

/// The whole numbers that JSON's readers keep exact.
inline constexpr double kMostExact = 9007199254740992;

struct Range {
  const char* flag;
  double least;
  double most = std::numeric_limits<double>::infinity();
};

/// Throws a usage Error that names the flag where the value is not finite or outside its range.
void check_range(const Range& range, double value);
void check_range(const Range& range, int64_t value);

}  // namespace sure
