#include "backbone/activation_cache.h"

#include <map>

#include "core/error.h"
#include "formats/checkpoint_folder.h"
#include "formats/safetensors.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kTensor = "activation";

class MemoryCache : public ActivationCache {
 public:
  explicit MemoryCache(int64_t limit) : ActivationCache(limit) {}

  Tensor find(const std::string& key) override {
    const auto entry = entries_.find(key);
    return entry == entries_.end() ? Tensor() : entry->second;
  }

  void store(const std::string& key, const Tensor& value) override {
    if (!entries_.contains(key) && take(static_cast<int64_t>(value.nbytes()))) entries_.emplace(key, value);
  }

 private:
  std::map<std::string, Tensor> entries_;
};

class DiskCache : public ActivationCache {
 public:
  DiskCache(fs::path folder, int64_t limit) : ActivationCache(limit), folder_(std::move(folder)) {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) fail("{}: cannot make this folder for the cache: {}", folder_.string(), error.message());
  }

  Tensor find(const std::string& key) override {
    const fs::path file = file_of(key);
    if (!fs::exists(file)) return {};
    try {
      return read_safetensors(file).tensors.at(0).value;
    } catch (const std::exception&) {  // not ours, or damaged: as good as absent
      return {};
    }
  }

  void store(const std::string& key, const Tensor& value) override {
    if (!take(static_cast<int64_t>(value.nbytes()))) return;
    const fs::path file = file_of(key);
    fs::create_directories(file.parent_path());
    write_safetensors(file, {{kTensor, value}});
  }

 private:
  /// Two letters of the key are a folder: file systems slow down with many files in one.
  fs::path file_of(const std::string& key) const { return folder_ / key.substr(0, 2) / (key + ".safetensors"); }

  fs::path folder_;
};

}  // namespace

bool ActivationCache::take(int64_t bytes) {
  if (used_ + bytes > limit_) {
    is_full_ = true;
    return false;
  }
  used_ += bytes;
  return true;
}

std::unique_ptr<ActivationCache> memory_cache(int64_t limit) { return std::make_unique<MemoryCache>(limit); }

std::unique_ptr<ActivationCache> disk_cache(const fs::path& folder, int64_t limit) {
  return std::make_unique<DiskCache>(folder, limit);
}

std::string cache_key(const std::string& settings, const Tensor& samples) { return fingerprint({{settings, samples}}); }

}  // namespace sure
