#include "audio/sinc_peak.h"

#include <algorithm>
#include <cmath>

namespace sure {

namespace {

/// cos(start + n · step) for n = 0, 1, 2 … by rotation, which is much faster than std::cos.
class Cosines {
 public:
  Cosines(double start, double step)
      : x_(std::cos(start)), y_(std::sin(start)), dx_(std::cos(step)), dy_(std::sin(step)) {}

  double next() {
    const double now = x_;
    x_ = now * dx_ - y_ * dy_;
    y_ = now * dy_ + y_ * dx_;
    return now;
  }

 private:
  double x_, y_, dx_, dy_;
};

/// The part of one side: values from `value` on in steps of `direction`, `depth` of them, the first at a distance of
/// `distance`.
double one_side(const double* value, int64_t direction, double distance, int64_t depth) {
  const double step = M_PI / (distance + static_cast<double>(depth));
  Cosines window(distance * step, step);
  double sum = 0, sign = 0.5 * std::sin(M_PI * distance), phase = M_PI * distance;
  for (int64_t i = 0; i < depth; ++i, value += direction, phase += M_PI, sign = -sign) {
    sum += *value * sign / phase * (1 + window.next());
  }
  return sum;
}

}  // namespace

double SincCurve::interpolate(double position, int64_t depth) const {
  const auto left = static_cast<int64_t>(std::floor(position));
  if (static_cast<double>(left) == position) return middle_[left];
  depth = std::min({depth, reach_ - left, left + 1 + reach_});
  const double distance = position - static_cast<double>(left);
  return one_side(middle_ + left, -1, distance, depth) + one_side(middle_ + left + 1, 1, 1 - distance, depth);
}

SincPeak SincCurve::peak_near(int64_t position, int64_t depth) const {
  double top = static_cast<double>(position);
  double height = middle_[position];
  // A parabola through three values, ever nearer to each other; the first three are known.
  for (const double reach : {1.0, 0.1, 0.01}) {
    const double before = interpolate(top - reach, depth), after = interpolate(top + reach, depth);
    const double bend = 2 * height - before - after;
    if (bend <= 0) break;
    const double vertex = 0.5 * (after - before) / bend;
    top += reach * std::clamp(vertex, -1.0, 1.0);
    height = interpolate(top, depth);
  }
  return {top, height};
}

}  // namespace sure
