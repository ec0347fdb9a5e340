// Learning-rate schedules as factors of the peak rate.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sure {

struct ScheduleOptions {
  int64_t total_steps = 0;
  int64_t warmup_steps = 0;
};

/// A schedule: one row of the table.
struct Schedule {
  std::string name;
  std::string help;
  /// Factor for the optimiser step that follows `step` done ones, step in [0, total).
  double (*factor)(const ScheduleOptions& options, int64_t step);
};

/// linear: 0 -> 1 over the warm-up, then to 0 at the end (transformers' get_linear_schedule_with_warmup).
/// constant: after the warm-up. three_phase: warm-up, constant until (0.4 + warm-up share) of all steps, linear to 0.
const std::vector<Schedule>& schedules();

std::vector<std::string> schedule_names();

/// The schedules for a help line.
std::string describe_schedules();

}  // namespace sure
