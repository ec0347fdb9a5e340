#include "train/cache_of_run.h"

namespace sure {

namespace fs = std::filesystem;

std::shared_ptr<ActivationCache> open_cache(const TrainOptions& options, int64_t processes) {
  if (options.cache == CacheKind::off) return nullptr;
  const bool on_disk = options.cache == CacheKind::disk;
  const auto limit = static_cast<int64_t>(options.cache_gb * (int64_t{1} << 30)) / (on_disk ? 1 : processes);
  const fs::path folder =
      options.cache_dir.empty() ? fs::path(options.output_dir) / "cache" : fs::path(options.cache_dir);
  if (on_disk) return disk_cache(folder, limit);
  return memory_cache(limit);
}

}  // namespace sure
