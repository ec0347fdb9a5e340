#include "core/processor_load.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace sure {

namespace {

constexpr const char* kStatFile = "/proc/stat";

/// Columns of a line of /proc/stat behind its name, in their order; the rest is part of these.
enum Column { kUser, kNice, kSystem, kIdle, kWaiting, kIrq, kSoftIrq, kSteal, kColumns };

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double own_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string stat_text() {
  std::ifstream file(kStatFile);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// In ticks.
int64_t busy_ticks(std::istringstream& columns) {
  int64_t ticks = 0, value = 0;
  for (int column = 0; column < kColumns && columns >> value; ++column) {
    if (column != kIdle && column != kWaiting) ticks += value;
  }
  return ticks;
}

}  // namespace

std::vector<int> own_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> processors;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return processors;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) processors.push_back(i);
  }
  return processors;
}

double busy_seconds(std::string_view stat, const std::vector<int>& processors) {
  std::set<std::string> names;
  for (const int processor : processors) names.insert("cpu" + std::to_string(processor));
  std::istringstream lines{std::string(stat)};
  int64_t ticks = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream columns(line);
    std::string name;
    if (columns >> name && names.contains(name)) ticks += busy_ticks(columns);
  }
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

ForeignLoad::ForeignLoad() : processors_(own_processors()), last_(now()) {}

ForeignLoad::Times ForeignLoad::now() const {
  return {wall_seconds(), busy_seconds(stat_text(), processors_), own_seconds()};
}

double ForeignLoad::measure() {
  const Times before = last_;
  last_ = now();
  const double wall = last_.wall - before.wall;
  if (wall <= 0) return 0;
  return std::max(last_.busy - before.busy - (last_.own - before.own), 0.0) / wall;
}

}  // namespace sure
