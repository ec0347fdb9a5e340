// How much a value varies from run to run.
#pragma once

#include <vector>

namespace sure {

struct Spread {
  double mean = 0;
  double deviation = 0;  // of the sample (n - 1); 0 for a single value
};

Spread spread_of(const std::vector<double>& values);

}  // namespace sure
