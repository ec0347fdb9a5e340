// How long the clips of a run are, looked up while its observer watches.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "data/dataset.h"
#include "train/trainer.h"

namespace sure {

/// Samples at 16 kHz of each clip, by the index of the data set at `data_dir` (data/audio_index.h). `observer` is told
/// how far it is, and what a person should know. Throws Error naming a clip that cannot be read.
std::vector<int64_t> look_up_samples(const std::vector<Example>& examples, const std::filesystem::path& data_dir,
                                     TrainObserver& observer);

}  // namespace sure
