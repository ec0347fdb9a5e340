// What a training run recorded in its folder, for whoever goes on from it.
#pragma once

#include <filesystem>

#include "train/run_config.h"

namespace sure {

/// The config.json of `folder`, an --output_dir of `sure train`. Throws Error when it is none or holds no best model.
RunConfig read_recorded_run(const std::filesystem::path& folder);

/// Its best_model/.
std::filesystem::path best_model_of(const std::filesystem::path& folder);

}  // namespace sure
