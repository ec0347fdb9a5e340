// Bytes at hand as a file with a path, for libraries and programs that want one.
#pragma once

#include <filesystem>
#include <string_view>

namespace sure {

/// Lies in memory and goes with the object.
class MemoryFile {
 public:
  /// Throws Error when there is no room.
  explicit MemoryFile(std::string_view bytes);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  /// Good in this process and its children as long as the object lives.
  std::filesystem::path path() const;

 private:
  int descriptor_ = -1;
};

}  // namespace sure
