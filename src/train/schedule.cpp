#include "train/schedule.h"

#include <algorithm>

#include "core/registry.h"

namespace sure {

namespace {

constexpr double kHoldShare = 0.4;  // three_phase: constant for this share of all steps

double ratio(double part, double whole) { return part / std::max(1.0, whole); }

double constant(const ScheduleOptions& options, int64_t step) {
  const auto warmup = static_cast<double>(options.warmup_steps);
  const auto now = static_cast<double>(step);
  return now < warmup ? ratio(now, warmup) : 1.0;
}

/// 1 until `start`, then straight to 0 at the end.
double decay_from(double start, const ScheduleOptions& options, int64_t step) {
  const auto now = static_cast<double>(step);
  if (now < start) return constant(options, step);
  const auto total = static_cast<double>(options.total_steps);
  return std::max(0.0, ratio(total - now, total - start));
}

double linear(const ScheduleOptions& options, int64_t step) {
  return decay_from(static_cast<double>(options.warmup_steps), options, step);
}

double three_phase(const ScheduleOptions& options, int64_t step) {
  const auto hold = kHoldShare * static_cast<double>(options.total_steps);
  return decay_from(static_cast<double>(options.warmup_steps) + hold, options, step);
}

}  // namespace

const std::vector<Schedule>& schedules() {
  static const std::vector<Schedule> table = {
      {"linear", "up over the warm-up, then down to 0 at the end", linear},
      {"constant", "up over the warm-up, then constant", constant},
      {"three_phase", "up over the warm-up, constant for 40 % of all steps, then down to 0", three_phase},
  };
  return table;
}

std::vector<std::string> schedule_names() { return names_of(schedules()); }

std::string describe_schedules() { return "schedule of the rate: " + list_rows(schedules()); }

}  // namespace sure
