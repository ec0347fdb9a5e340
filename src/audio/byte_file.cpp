#include "audio/byte_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>

#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

void check_regular_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) fail("{}: no such file, expected an audio file", path.string());
  if (fs::is_directory(status)) fail("{}: this is a folder, expected an audio file", path.string());
  if (!fs::is_regular_file(status)) fail("{}: not a regular file, expected an audio file", path.string());
  if (fs::file_size(path, error) == 0 && !error) fail("{}: an empty file (0 bytes), expected audio", path.string());
}

/// The most significant byte comes first.
std::optional<int64_t> number(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return std::nullopt;
  return static_cast<int64_t>(value);
}

}  // namespace

ByteFile::ByteFile(fs::path path) : path_(std::move(path)) {
  check_regular_file(path_);
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail("{}: cannot be opened ({})", path_.string(), std::strerror(errno));
  std::error_code error;
  size_ = static_cast<int64_t>(fs::file_size(path_, error));
}

ByteFile::~ByteFile() { ::close(descriptor_); }

int64_t ByteFile::read(int64_t offset, char* bytes, int64_t count) const {
  int64_t done = 0;
  while (done < count && offset + done < size_) {
    const ssize_t got = ::pread(descriptor_, bytes + done, static_cast<size_t>(count - done), offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("{}: cannot be read ({})", path_.string(), std::strerror(errno));
    if (got == 0) break;
    done += got;
  }
  return done;
}

std::string ByteFile::bytes(int64_t offset, int64_t count) const {
  std::string text(static_cast<size_t>(std::max<int64_t>(0, count)), '\0');
  text.resize(static_cast<size_t>(read(offset, text.data(), std::ssize(text))));
  return text;
}

bool ByteFile::has(int64_t offset, std::string_view expected) const {
  return bytes(offset, std::ssize(expected)) == expected;
}

std::optional<int64_t> ByteFile::little_endian(int64_t offset, int64_t width) const {
  std::string found = bytes(offset, width);
  if (std::ssize(found) < width) return std::nullopt;
  std::reverse(found.begin(), found.end());
  return number(found);
}

std::optional<int64_t> ByteFile::big_endian(int64_t offset, int64_t width) const {
  const std::string found = bytes(offset, width);
  return std::ssize(found) < width ? std::nullopt : number(found);
}

}  // namespace sure
