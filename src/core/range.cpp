#include "core/range.h"

#include <cmath>

#include "core/error.h"

namespace sure {

void check_ranges(const nlohmann::ordered_json& options, std::span<const Range> ranges) {
  for (const Range& range : ranges) {
    const auto value = options.at(range.flag).get<double>();
    if (std::isfinite(value) && value >= range.least && value <= range.most) continue;
    const auto& json = options.at(range.flag);
    const std::string found = json.is_number_integer() ? json.dump() : fmt::format("{}", value);
    if (std::isinf(range.most)) fail_usage("--{} {}: expected at least {}", range.flag, found, range.least);
    fail_usage("--{} {}: expected {} to {}", range.flag, found, range.least, range.most);
  }
}

}  // namespace sure
