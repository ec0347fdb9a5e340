#include "core/range.h"

#include <cmath>

#include "core/error.h"

namespace sure {

namespace {

/// `found`: the value as the user sees it.
void check(const Range& range, double value, const std::string& found) {
  if (std::isfinite(value) && value >= range.least && value <= range.most) return;
  if (std::isinf(range.most)) fail_usage("--{} {}: expected at least {}", range.flag, found, range.least);
  fail_usage("--{} {}: expected {} to {}", range.flag, found, range.least, range.most);
}

}  // namespace

void check_range(const Range& range, double value) { check(range, value, fmt::format("{}", value)); }

void check_range(const Range& range, int64_t value) {
  check(range, static_cast<double>(value), fmt::format("{}", value));
}

}  // namespace sure
