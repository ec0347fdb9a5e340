// How long the clips of a run are and which of them are no good, looked up while its observer watches.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/audio_index.h"
#include "data/dataset.h"
#include "train/observer.h"

namespace sure {

/// Samples at 16 kHz of each clip, by the index of the data set at `data_dir` (data/audio_index.h). `observer` is told
/// how far it is, and what a person should know. Throws Error naming a clip that cannot be read.
std::vector<int64_t> look_up_samples(const std::vector<Example>& examples, const std::filesystem::path& data_dir,
                                     TrainObserver& observer);

struct BadClip {
  std::filesystem::path path;
  std::string reason;  // without the path
};

struct ClipSurvey {
  std::vector<int64_t> samples;  // at 16 kHz, in the order of the examples; 0 for bad clips
  std::vector<BadClip> bad;      // in the order of the examples
};

/// The same without an end at the first bad clip: those that cannot be read, are damaged as far as `check` tells, or
/// have fewer than `shortest` samples at 16 kHz are named. A clip that several examples have is named once.
ClipSurvey survey_clips(const std::vector<Example>& examples, const std::filesystem::path& data_dir, int64_t shortest,
                        TrainObserver& observer, ClipCheck check = ClipCheck::header);

}  // namespace sure
