#include <c10/core/CachingDeviceAllocator.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "model/device.h"

namespace sure {

namespace {

// Before getrusage, whose ru_maxrss counts what the parent process had resident when it started this one.
int64_t resident_bytes() {
  int64_t kibibytes = 0;
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

int64_t allocated_bytes(at::Device device) {
  using c10::CachingAllocator::StatType;
  const auto stats =
      c10::getDeviceAllocator(device.type())->getDeviceStats(std::max<c10::DeviceIndex>(device.index(), 0));
  return stats.allocated_bytes.at(static_cast<size_t>(StatType::AGGREGATE)).peak;
}

}  // namespace

int64_t peak_memory_bytes(at::Device device) { return device.is_cpu() ? resident_bytes() : allocated_bytes(device); }

}  // namespace sure
