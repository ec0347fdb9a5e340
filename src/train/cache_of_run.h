// What a run keeps of its clips from epoch to epoch, by --cache.
#pragma once

#include <memory>

#include "backbone/activation_cache.h"
#include "train/run_config.h"

namespace sure {

/// Null where --cache is off. In memory, each of so many processes has its share of --cache_gb.
std::shared_ptr<ActivationCache> open_cache(const TrainOptions& options, int64_t processes);

}  // namespace sure
