// What a frozen part of a backbone makes of a clip, kept so that it is computed once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/tensor.h"

namespace sure {

class ActivationCache {
 public:
  virtual ~ActivationCache() = default;

  /// The tensor stored under `key`, undefined when there is none. It must not be written to.
  virtual Tensor find(const std::string& key) = 0;

  /// Keeps `value`, which must not change afterwards; does nothing once the limit is reached.
  virtual void store(const std::string& key, const Tensor& value) = 0;

  /// Whether something was left out because of the limit.
  bool is_full() const { return is_full_; }

 protected:
  explicit ActivationCache(int64_t limit) : limit_(limit) {}

  /// Counts `bytes` in where they fit.
  bool take(int64_t bytes);

 private:
  int64_t limit_;
  int64_t used_ = 0;
  bool is_full_ = false;
};

/// In this process, `limit` bytes at most.
std::unique_ptr<ActivationCache> memory_cache(int64_t limit);

/// One file per key in `folder`, which is made; `limit` bytes at most of what this process adds. Files are written
/// under a temporary name and renamed: several processes may share the folder, and a kill leaves nothing broken. A file
/// that cannot be read counts as absent and is written again. Throws Error where the folder cannot be made.
std::unique_ptr<ActivationCache> disk_cache(const std::filesystem::path& folder, int64_t limit);

/// The key of a clip: a hash of `settings` (what else the value depends on) and of its samples, fp32 [S].
std::string cache_key(const std::string& settings, const Tensor& samples);

}  // namespace sure
