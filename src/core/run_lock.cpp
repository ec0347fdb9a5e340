#include "core/run_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "core/error.h"
#include "core/host_name.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

std::string now() {
  const std::time_t time = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&time, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%F %T", &parts)};
}

/// What its holder wrote, in one line without control characters; nothing when that is still on its way.
std::string holder(int descriptor) {
  std::array<char, 400> text{};
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  std::string line;
  for (ssize_t i = 0; i < size && static_cast<unsigned char>(text[i]) >= ' '; ++i) line += text[i];
  return line.empty() ? "another run" : line;
}

/// False for a file that its last holder has removed in the meantime.
bool is_at(int descriptor, const fs::path& file) {
  struct stat opened = {};
  struct stat named = {};
  return ::fstat(descriptor, &opened) == 0 && ::stat(file.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

}  // namespace

RunLock::RunLock(const fs::path& file, const std::string& who, const std::string& what) : file_(file) {
  do {
    descriptor_ = Descriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!descriptor_) fail("{}: cannot make this file ({})", file.string(), std::strerror(errno));
    if (::flock(descriptor_.value(), LOCK_EX | LOCK_NB) == 0) continue;
    if (errno == EWOULDBLOCK) {
      fail("{}: {} is at work there; wait until it ends, or name another folder", what, holder(descriptor_.value()));
    }
    note_ =
        fmt::format("{}: this file system has no locks ({}); let no other run write there", what, std::strerror(errno));
    ::unlink(file.c_str());
    return;
  } while (!is_at(descriptor_.value(), file));
  const std::string line = fmt::format("{}, process {} on {}, since {}\n", who, ::getpid(), host_name(), now());
  if (::ftruncate(descriptor_.value(), 0) != 0 ||
      ::pwrite(descriptor_.value(), line.data(), line.size(), 0) != static_cast<ssize_t>(line.size())) {
    fail("{}: cannot write ({}); free space or choose another folder", file.string(), std::strerror(errno));
  }
}

RunLock::~RunLock() {
  if (note_.empty()) ::unlink(file_.c_str());
}

}  // namespace sure
