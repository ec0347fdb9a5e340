#include "core/atomic_file.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <set>
#include <system_error>
#include <thread>
#include <vector>

#include "core/descriptor.h"
#include "core/descriptor_buffer.h"
#include "core/destination.h"
#include "core/error.h"
#include "core/temporary_name.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr size_t kReadBytes = 1 << 16;
// Stands for the folder itself in the name of a temporary one inside it.
constexpr const char* kInside = ".sure-contents";
// A live writer is between two renames for as long as they take.
constexpr int kTries = 50;
constexpr std::chrono::milliseconds kPause(10);

// What file systems say that cannot exchange two names, or not those of folders of a lower layer.
const std::set<int>& no_exchange() {
  static const std::set<int> errors = {EINVAL, ENOSYS, EOPNOTSUPP, ENOTSUP, EXDEV, EPERM};
  return errors;
}

// What file systems say where there is nothing to sync, or no right to open a folder that may be written to.
const std::set<int>& no_sync() {
  static const std::set<int> errors = {EINVAL, ENOSYS, EOPNOTSUPP, ENOTSUP, EACCES, EBADF, EROFS};
  return errors;
}

[[noreturn]] void fail_write(const fs::path& path, int error = errno) {
  fail("{}: cannot write ({}); free space or choose another folder", path.string(), std::strerror(error));
}

fs::path parent_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

void sync_folder(const fs::path& folder) {
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor && ::fsync(descriptor.value()) == 0) return;
  if (!no_sync().contains(errno)) fail_write(folder);
}

/// Fills an open file; `path` is its name in messages.
void write_through(int descriptor, const fs::path& path, const std::function<void(std::ostream&)>& write) {
  DescriptorBuffer buffer(descriptor);
  std::ostream stream(&buffer);
  write(stream);
  stream.flush();
  if (buffer.error() != 0) fail_write(path, buffer.error());
}

void replace_file(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  const fs::path temporary = temporary_name(path);
  const Descriptor descriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!descriptor) fail_write(path);
  try {
    claim(descriptor.value());
    struct stat old = {};
    if (::stat(path.c_str(), &old) == 0) ::fchmod(descriptor.value(), old.st_mode & 0777);
    write_through(descriptor.value(), path, write);
    if (::fsync(descriptor.value()) != 0 && !no_sync().contains(errno)) fail_write(path);
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail_write(path);
    sync_folder(parent_of(path));
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
}

/// A folder under a temporary name, claimed while this lives and removed with it unless it was put in place.
class FreshFolder {
 public:
  explicit FreshFolder(const fs::path& of) : path_(temporary_name(of)) {
    if (::mkdir(path_.c_str(), 0777) != 0) fail("{}: cannot make this folder ({})", of.string(), std::strerror(errno));
    descriptor_ = Descriptor(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor_) claim(descriptor_.value());
  }
  ~FreshFolder() {
    std::error_code ignored;
    if (!placed_) fs::remove_all(path_, ignored);
  }
  FreshFolder(const FreshFolder&) = delete;
  FreshFolder& operator=(const FreshFolder&) = delete;

  const fs::path& path() const { return path_; }

  /// Whatever becomes of it, it is no longer to be removed.
  void set_placed() { placed_ = true; }

  /// Renames it as whole and no longer to be removed. Returns the new name.
  fs::path set_whole() {
    fs::path whole = whole_name(path_);
    if (::rename(path_.c_str(), whole.c_str()) != 0) fail_write(path_);
    placed_ = true;
    return whole;
  }

 private:
  fs::path path_;
  Descriptor descriptor_;
  bool placed_ = false;
};

std::vector<fs::path> leftovers(const fs::path& folder, const std::function<bool(const TemporaryName&)>& wanted) {
  std::vector<fs::path> found;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    const auto name = parse_temporary_name(entry.path().filename().string());
    if (name && wanted(*name) && is_abandoned(entry.path())) found.push_back(entry.path());
  }
  return found;
}

/// Whether a live process is about to put a whole folder there.
bool being_replaced(const fs::path& path) {
  std::error_code missing;
  const std::string name = path.filename().string();
  for (const auto& entry : fs::directory_iterator(parent_of(path), missing)) {
    const auto found = parse_temporary_name(entry.path().filename().string());
    if (found && found->whole && found->of == name) return true;
  }
  return false;
}

fs::path place_of(const fs::path& temporary) {
  return temporary.parent_path() / parse_temporary_name(temporary.filename().string())->of;
}

/// Puts a whole folder where another one stands, in two steps: that one aside first, or, where it cannot be renamed
/// either, file by file. Returns as write_folder.
std::string replace_in_steps(const fs::path& whole, const fs::path& target) {
  const fs::path aside = temporary_name(target);
  const bool replaces = fs::exists(target);
  if (replaces && ::rename(target.c_str(), aside.c_str()) != 0) {
    merge_folder(whole, target);
    return {};
  }
  if (::rename(whole.c_str(), target.c_str()) != 0) fail_write(target);
  return replaces ? retire(aside, target) : std::string();
}

void settle(const fs::path& whole) {
  const fs::path place = place_of(whole);
  if (place.filename() == kInside) return merge_folder(whole, place.parent_path());
  replace_in_steps(whole, place);
}

/// Puts in place what lies whole beside `path` and was meant for it.
void settle_all_for(const fs::path& path) {
  const std::string name = path.filename().string();
  const auto is_whole = [&](const TemporaryName& found) { return found.whole && found.of == name; };
  for (const fs::path& whole : leftovers(parent_of(path), is_whole)) settle(whole);
}

void dispose(const fs::path& temporary) {
  std::error_code ignored;
  if (fs::is_directory(fs::symlink_status(temporary, ignored))) {
    retire(temporary, place_of(temporary));
  } else {
    fs::remove(temporary, ignored);
  }
}

std::string put_in_place(FreshFolder& fresh, const fs::path& target) {
  if (::rename(fresh.path().c_str(), target.c_str()) == 0) {
    fresh.set_placed();
    return {};
  }
  if (::renameat2(AT_FDCWD, fresh.path().c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) {
    fresh.set_placed();
    return retire(fresh.path(), target);
  }
  if (!no_exchange().contains(errno)) fail_write(target);
  return replace_in_steps(fresh.set_whole(), target);
}

bool is_mount_point(const fs::path& folder) {
  struct statx state = {};
  return ::statx(AT_FDCWD, folder.c_str(), 0, 0, &state) == 0 && (state.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/// A folder that cannot give its place to another one, or in which somebody stands.
bool must_stay(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder)) return false;
  return fs::equivalent(folder, ".", error) || is_mount_point(folder) || ::access(parent_of(folder).c_str(), W_OK) != 0;
}

fs::path target_of(const fs::path& path) {
  fs::path target = fs::exists(path) ? fs::canonical(path) : behind_links(path);
  make_folder(parent_of(target));
  return target;
}

}  // namespace

void write_file(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  if (const Descriptor stream = open_stream(path)) {
    std::fflush(stdout);  // it may be the same one
    write_through(stream.value(), path, write);
  } else {
    replace_file(behind_links(path), write);
  }
}

void write_file(const fs::path& path, std::string_view text) {
  write_file(path, [&](std::ostream& out) { out << text; });
}

std::string write_folder(const fs::path& path, const FolderKind& kind,
                         const std::function<void(const fs::path&)>& fill) {
  const fs::path target = target_of(path);
  remove_leftovers_of(target / kInside);
  settle_folder(target);
  require_own(target, kind);
  const bool inside = must_stay(target);
  if (is_owned(target, kind)) adopt(target, kind);
  FreshFolder fresh(inside ? target / kInside : target);
  fill(fresh.path());
  write_mark(fresh.path(), kind);
  sync_folder(fresh.path());
  std::string warning;
  if (inside) {
    merge_folder(fresh.set_whole(), target);
  } else {
    warning = put_in_place(fresh, target);
  }
  sync_folder(parent_of(target));
  return warning;
}

void settle_folder(const fs::path& folder) {
  const fs::path path = folder.has_filename() ? folder : folder.parent_path();
  for (int i = 0; i < kTries; ++i) {
    settle_all_for(path);
    if (fs::exists(path) || !being_replaced(path)) return;
    std::this_thread::sleep_for(kPause);
  }
}

void remove_leftovers(const fs::path& folder) {
  for (const fs::path& whole : leftovers(folder, [](const auto& found) { return found.whole; })) settle(whole);
  for (const fs::path& rest : leftovers(folder, [](const auto&) { return true; })) dispose(rest);
}

void remove_leftovers_of(const fs::path& file) {
  settle_all_for(file);
  const std::string name = file.filename().string();
  const auto is_of_it = [&](const TemporaryName& found) { return found.of == name; };
  for (const fs::path& rest : leftovers(parent_of(file), is_of_it)) dispose(rest);
}

void make_folder(const fs::path& folder, const std::string& flag) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return;
  fail("{}{}{}: cannot make this folder ({})", flag, flag.empty() ? "" : " ", folder.string(), error.message());
}

std::string read_file(const fs::path& path) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor) fail("{}: cannot open ({})", path.string(), std::strerror(errno));
  struct stat state = {};
  if (::fstat(descriptor.value(), &state) == 0 && S_ISDIR(state.st_mode)) {
    fail("{}: this is a folder, expected a file", path.string());
  }
  std::string bytes;
  std::array<char, kReadBytes> part;
  for (;;) {
    const ssize_t count = ::read(descriptor.value(), part.data(), part.size());
    if (count < 0 && errno != EINTR) fail("{}: cannot read ({})", path.string(), std::strerror(errno));
    if (count == 0) return bytes;
    if (count > 0) bytes.append(part.data(), static_cast<size_t>(count));
  }
}

}  // namespace sure
