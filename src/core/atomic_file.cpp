#include "core/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>

#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail_write(const fs::path& path) {
  fail("{}: cannot write ({}); free space or choose another folder", path.string(), std::strerror(errno));
}

void sync_to_disk(const fs::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags);
  if (descriptor < 0) fail_write(path);
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!synced) fail_write(path);
}

fs::path temporary_name(const fs::path& path) {
  fs::path name = path;
  name += fmt::format(".{}.tmp", ::getpid());
  return name;
}

fs::path parent_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

void replace_folder(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return;
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) != 0) fail_write(to);
  fs::remove_all(from);
}

}  // namespace

void write_file(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  const fs::path temporary = temporary_name(path);
  try {
    errno = 0;
    std::ofstream file(temporary, std::ios::binary);
    if (!file) fail_write(path);
    write(file);
    file.close();
    if (!file) fail_write(path);
    sync_to_disk(temporary, O_RDONLY);
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail_write(path);
    sync_to_disk(parent_of(path), O_RDONLY | O_DIRECTORY);
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
}

void write_file(const fs::path& path, std::string_view text) {
  write_file(path, [&](std::ostream& out) { out << text; });
}

void write_folder(const fs::path& path, const std::function<void(const fs::path&)>& fill) {
  const fs::path temporary = temporary_name(path);
  std::error_code error;
  fs::remove_all(temporary, error);
  if (!fs::create_directories(temporary, error) && error) {
    fail("{}: cannot make this folder ({})", path.string(), error.message());
  }
  try {
    fill(temporary);
    sync_to_disk(temporary, O_RDONLY | O_DIRECTORY);
    replace_folder(temporary, path);
    sync_to_disk(parent_of(path), O_RDONLY | O_DIRECTORY);
  } catch (...) {
    fs::remove_all(temporary, error);
    throw;
  }
}

std::string read_file(const fs::path& path) {
  if (fs::is_directory(path)) fail("{}: this is a folder, expected a file", path.string());
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("{}: cannot open ({})", path.string(), std::strerror(errno));
  std::ostringstream bytes;
  bytes << file.rdbuf();
  if (file.bad()) fail("{}: cannot read ({})", path.string(), std::strerror(errno));
  return std::move(bytes).str();
}

}  // namespace sure
