#include <sys/resource.h>

#include <fstream>
#include <string>

#include "train/trainer.h"

namespace sure {

// Before getrusage, whose ru_maxrss counts what the parent process had resident when it started this one.
int64_t peak_memory_bytes() {
  int64_t kibibytes = 0;
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

}  // namespace sure
