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

  /// Keeps `value`, which must not change afterwards, on the CPU, where there is room.
  virtual void store(const std::string& key, const Tensor& value) = 0;

  /// Why something was left out: the limit, or what the disk says. Empty: nothing was.
  const std::string& shortfall() const { return shortfall_; }

 protected:
  void leave_out(const std::string& why);

 private:
  std::string shortfall_;
};

/// In this process, `limit` bytes at most.
std::unique_ptr<ActivationCache> memory_cache(int64_t limit);

/// One file per key in `folder`, which is made; they are mapped, not read. Several processes may share it. `limit` is
/// the folder's: what is there counts, whoever wrote it. Where room is needed, entries that no run has used since this
/// cache was opened go, the longest unused first. What has been used since then stays, and when only that is left,
/// nothing is added: a run that comes back to each clip once an epoch would always find that one gone which it needs
/// next, and two runs would take turns at throwing out each other's. A kill leaves nothing broken, and what it left
/// half written goes when the folder is opened again. A file that cannot be read or is not of its key counts as absent
/// and is written again. Throws Error where the folder cannot be used.
std::unique_ptr<ActivationCache> disk_cache(const std::filesystem::path& folder, int64_t limit);

/// The key of a clip: a hash of `settings` (what else the value depends on) and of its samples, fp32 [S].
std::string cache_key(const std::string& settings, const Tensor& samples);

}  // namespace sure
