#include "backbone/activation_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

#include "core/error.h"
#include "formats/checkpoint_folder.h"
#include "formats/safetensors.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFull = "its limit is reached (--cache_gb)";

// Other files may lie in the folder: only what ends so is counted and removed.
constexpr std::string_view kSuffix = ".activation";
constexpr std::string_view kHalfWritten = ".tmp";  // as core/atomic_file.h writes

constexpr int64_t kHeaderRoom = 256;  // bytes; the header of a file with one tensor has fewer

class MemoryCache : public ActivationCache {
 public:
  explicit MemoryCache(int64_t limit) : room_(limit) {}

  Tensor find(const std::string& key) override {
    const auto entry = entries_.find(key);
    return entry == entries_.end() ? Tensor() : entry->second;
  }

  void store(const std::string& key, const Tensor& value) override {
    if (entries_.contains(key)) return;
    const auto size = static_cast<int64_t>(value.nbytes());
    if (size > room_) return leave_out(kFull);
    room_ -= size;
    entries_.emplace(key, value.cpu());
  }

 private:
  int64_t room_;
  std::map<std::string, Tensor> entries_;
};

/// Held by the one process that adds to the folder or removes from it; the system takes it from a process that dies.
/// The locked file holds the bytes of all entries, so that each process knows what the others add.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder)
      : file_(folder / "activations.lock"), descriptor_(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    if (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) == 0) return;
    const int error = errno;
    ::close(descriptor_);
    fail("{}: cannot lock this file of the cache ({})", file_.string(), std::strerror(error));
  }
  ~FolderLock() { ::close(descriptor_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// 0 where none were noted.
  int64_t bytes() const {
    int64_t bytes = 0;
    return ::pread(descriptor_, &bytes, sizeof(bytes), 0) == sizeof(bytes) ? bytes : 0;
  }

  void note_bytes(int64_t bytes) const {
    if (::pwrite(descriptor_, &bytes, sizeof(bytes), 0) == sizeof(bytes)) return;
    fail("{}: cannot write ({})", file_.string(), std::strerror(errno));
  }

 private:
  fs::path file_;
  int descriptor_;
};

class DiskCache : public ActivationCache {
 public:
  DiskCache(fs::path folder, int64_t limit)
      : folder_(std::move(folder)), limit_(limit), opened_(fs::file_time_type::clock::now()) {
    try {
      fs::create_directories(folder_);
      take_stock();
    } catch (const fs::filesystem_error& error) {
      fail("{}: cannot use this folder for the cache: {}", folder_.string(), error.code().message());
    }
  }

  Tensor find(const std::string& key) override {
    const fs::path file = file_of(key);
    try {
      const ParameterList found = read_safetensors(file).tensors;
      if (found.size() != 1 || found.front().name != key) return {};
      mark_used(file);
      return found.front().value;
    } catch (const std::exception&) {  // not there, or damaged
      return {};
    }
  }

  void store(const std::string& key, const Tensor& value) override {
    try {
      add(key, value);
    } catch (const std::exception& error) {  // the run can do without
      leave_out(error.what());
    }
  }

 private:
  void take_stock() {
    const FolderLock lock(folder_);
    int64_t bytes = 0;
    for (const fs::directory_entry& item : fs::recursive_directory_iterator(folder_)) {
      const std::string name = item.path().filename().string();
      if (name.ends_with(kSuffix)) {
        bytes += static_cast<int64_t>(item.file_size());
        unused_.emplace(item.last_write_time(), item.path());
      } else if (name.find(kSuffix) != std::string::npos && name.ends_with(kHalfWritten)) {
        fs::remove(item.path());  // its writer is dead: it held the lock
      }
    }
    lock.note_bytes(bytes);
  }

  void add(const std::string& key, const Tensor& value) {
    const FolderLock lock(folder_);
    if (find(key).defined()) return;  // another process was faster
    const fs::path file = file_of(key);
    const int64_t size = static_cast<int64_t>(value.nbytes()) + kHeaderRoom;
    int64_t bytes = lock.bytes() - remove_entry(file);
    while (size <= limit_ && bytes + size > limit_ && !unused_.empty()) bytes -= evict_longest_unused();
    if (bytes + size <= limit_) {
      fs::create_directories(file.parent_path());
      write_safetensors(file, {{key, value}});
      mark_used(file);
      bytes += static_cast<int64_t>(fs::file_size(file));
    } else {
      leave_out(kFull);
    }
    lock.note_bytes(bytes);
  }

  /// Returns the bytes that this freed.
  int64_t evict_longest_unused() {
    const fs::path file = unused_.extract(unused_.begin()).mapped();
    std::error_code gone;
    const bool is_unused = fs::last_write_time(file, gone) < opened_;
    return !gone && is_unused ? remove_entry(file) : 0;
  }

  /// Returns the bytes that this freed. Whoever has the file mapped keeps its content.
  static int64_t remove_entry(const fs::path& file) {
    std::error_code gone;
    const auto size = static_cast<int64_t>(fs::file_size(file, gone));
    return !gone && fs::remove(file, gone) ? size : 0;
  }

  static void mark_used(const fs::path& file) {
    std::error_code ignored;  // another process may just have removed it
    fs::last_write_time(file, fs::file_time_type::clock::now(), ignored);
  }

  /// Two letters of the key are a folder: file systems slow down with many files in one.
  fs::path file_of(const std::string& key) const {
    return folder_ / key.substr(0, 2) / fmt::format("{}{}", key, kSuffix);
  }

  fs::path folder_;
  int64_t limit_;
  fs::file_time_type opened_;
  std::multimap<fs::file_time_type, fs::path> unused_;  // since before the cache was opened, as far as is known
};

}  // namespace

void ActivationCache::leave_out(const std::string& why) {
  if (shortfall_.empty()) shortfall_ = why;
}

std::unique_ptr<ActivationCache> memory_cache(int64_t limit) { return std::make_unique<MemoryCache>(limit); }

std::unique_ptr<ActivationCache> disk_cache(const fs::path& folder, int64_t limit) {
  return std::make_unique<DiskCache>(folder, limit);
}

std::string cache_key(const std::string& settings, const Tensor& samples) { return fingerprint({{settings, samples}}); }

}  // namespace sure
