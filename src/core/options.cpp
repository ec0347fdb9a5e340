#include "core/options.h"

#include <algorithm>

#include "core/range.h"

namespace sure {

void check_value(const std::string& flag, double value, const Declaration& declaration) {
  check_range({flag.c_str(), declaration.least, declaration.most}, value);
}

void check_value(const std::string& flag, int64_t value, const Declaration& declaration) {
  check_range({flag.c_str(), declaration.least, declaration.most}, value);
}

void check_value(const std::string& flag, const std::string& value, const Declaration& declaration) {
  const std::vector<std::string>& known = declaration.choices;
  if (known.empty() || value.empty()) return;
  if (std::find(known.begin(), known.end(), value) != known.end()) return;
  fail_usage("--{} '{}': use one of {}", flag, value, fmt::join(known, ", "));
}

void check_value(const std::string& flag, const std::vector<std::string>& value, const Declaration& declaration) {
  for (const std::string& one : value) check_value(flag, one, declaration);
}

}  // namespace sure
