// A file's bytes at any place, for reading what its headers promise.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace sure {

class ByteFile {
 public:
  /// Throws Error naming the file when it is missing, empty, no regular file, or may not be read.
  explicit ByteFile(std::filesystem::path path);
  ~ByteFile();
  ByteFile(const ByteFile&) = delete;
  ByteFile& operator=(const ByteFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  int64_t size() const { return size_; }

  /// Reads up to `count` bytes at `offset`; fewer at the file's end. Throws Error when the disk fails.
  int64_t read(int64_t offset, char* bytes, int64_t count) const;

  /// The same as a string.
  std::string bytes(int64_t offset, int64_t count) const;

  /// Whether these bytes stand at `offset`.
  bool has(int64_t offset, std::string_view expected) const;

  /// Unsigned numbers of 2, 4 or 8 bytes; nothing past the file's end, and for 8 bytes of more than 63 bits.
  std::optional<int64_t> little_endian(int64_t offset, int64_t width) const;
  std::optional<int64_t> big_endian(int64_t offset, int64_t width) const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  int64_t size_ = 0;
};

}  // namespace sure
