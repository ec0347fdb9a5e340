// A curve known at whole numbers, read between them by sinc interpolation under a Hann window.
#pragma once

#include <cstdint>

namespace sure {

struct SincPeak {
  double position;
  double height;
};

class SincCurve {
 public:
  /// `values` has those of -reach … reach, and stays the caller's.
  SincCurve(const double* values, int64_t reach) : middle_(values + reach), reach_(reach) {}

  double at(int64_t position) const { return middle_[position]; }

  /// From up to `depth` values to each side.
  double interpolate(double position, int64_t depth) const;

  /// The maximum within 1 of a value that is greater than its neighbours.
  SincPeak peak_near(int64_t position, int64_t depth) const;

 private:
  const double* middle_;
  int64_t reach_;
};

}  // namespace sure
