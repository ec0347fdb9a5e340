// One process at a time writes to a folder: a lock that the system takes from a process that dies.
#pragma once

#include <filesystem>
#include <string>

#include "core/descriptor.h"

namespace sure {

class RunLock {
 public:
  /// Locks `file`, which is made for that and goes with the lock. `who` is this command ("sure train"), `what` it is at
  /// work on ("--output_dir output"). Throws Error naming the process that holds it. A file system without locks leaves
  /// a note.
  RunLock(const std::filesystem::path& file, const std::string& who, const std::string& what);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

  /// Empty, or that nothing keeps two runs apart.
  const std::string& note() const { return note_; }

 private:
  std::filesystem::path file_;
  Descriptor descriptor_;
  std::string note_;
};

}  // namespace sure
