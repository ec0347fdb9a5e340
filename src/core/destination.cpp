#include "core/destination.h"

#include <fcntl.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <thread>

#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr int kMaxLinks = 40;  // as Linux
constexpr std::chrono::seconds kPatience(30);
constexpr std::chrono::milliseconds kPause(20);

/// N of /proc/self/fd/N and of the other names of that folder.
std::optional<int> own_descriptor(const fs::path& path) {
  const std::string name = path.filename().string();
  const bool number = !name.empty() && name.size() < 10 &&
                      std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  std::error_code error;
  if (!number || fs::canonical(path.parent_path(), error) != fs::canonical("/proc/self/fd", error) || error) return {};
  return std::stoi(name);
}

/// Stops at a descriptor of this process: what it links to may be no path.
fs::path follow(const fs::path& path) {
  fs::path end = path;
  std::error_code error;
  for (int links = 0; links < kMaxLinks; ++links) {
    if (!fs::is_symlink(fs::symlink_status(end, error)) || own_descriptor(end)) return end;
    end = end.parent_path() / fs::read_symlink(end, error);
  }
  fail("{}: its symbolic links have no end", path.string());
}

/// A pipe without a reader cannot be opened this way, which a plain open would wait for without an end.
Descriptor open_pipe(const fs::path& pipe) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    Descriptor descriptor(::open(pipe.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (descriptor) {
      ::fcntl(descriptor.value(), F_SETFL, O_WRONLY);
      return descriptor;
    }
    if (errno != ENXIO) return descriptor;
    if (std::chrono::steady_clock::now() > end) {
      fail("{}: nobody reads from this pipe; start its reader within {} s", pipe.string(), kPatience.count());
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

fs::path behind_links(const fs::path& path) {
  const fs::path end = follow(path);
  return end.has_filename() ? end : end.parent_path();
}

void refuse_as_output(const char* flag, const fs::path& output, const fs::path& input) {
  std::error_code error;
  if (!fs::is_regular_file(output, error) || !fs::equivalent(output, input, error)) return;
  fail_usage("{} {}: would replace the file that is read; name another", flag, output.string());
}

Descriptor open_stream(const fs::path& path) {
  const fs::path end = follow(path);
  Descriptor descriptor;
  if (const auto number = own_descriptor(end)) {
    descriptor = Descriptor(::fcntl(*number, F_DUPFD_CLOEXEC, 0));
  } else {
    std::error_code error;
    const fs::file_status status = fs::status(end, error);
    if (fs::is_directory(status)) fail("{}: this is a folder, expected a file", path.string());
    if (!fs::exists(status) || fs::is_regular_file(status)) return descriptor;
    descriptor = fs::is_fifo(status) ? open_pipe(end) : Descriptor(::open(end.c_str(), O_WRONLY | O_CLOEXEC));
  }
  if (!descriptor) fail("{}: cannot write ({}); choose another file", path.string(), std::strerror(errno));
  return descriptor;
}

}  // namespace sure
