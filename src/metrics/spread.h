// A value that varies from run to run: its middle, and how much it does.
#pragma once

#include <vector>

namespace sure {

struct Spread {
  double mean = 0;
  double deviation = 0;  // of the sample (n - 1); 0 for a single value
};

Spread spread_of(const std::vector<double>& values);

/// The upper one of the two in the middle of an even number; 0 without values.
double median(std::vector<double> values);

}  // namespace sure
