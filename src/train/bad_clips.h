// Clips that are no good, found before anything is computed on them.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "train/clip_lengths.h"
#include "train/run_config.h"

namespace sure {

/// "3 clips: a.wav (too short: …), b.m4a (…) and 1 more".
std::string describe_bad(const std::vector<BadClip>& bad);

/// [{"path", "reason"} …].
nlohmann::ordered_json bad_to_json(const std::vector<BadClip>& bad);

/// Clips that are looked at together.
struct CheckedClips {
  std::vector<Example>* clips;
  int64_t shortest = 1;  // samples at 16 kHz
  ClipCheck check = ClipCheck::decode;
};

/// Looks at all clips and takes the bad ones out of their lists. Returns them, with the lengths of those that stay, in
/// the order of the lists, and tells the observer of them. Throws Error, naming the first of them and their number,
/// unless `skip_bad`.
ClipSurvey leave_out_bad_clips(const std::vector<CheckedClips>& lists, const std::filesystem::path& data_dir,
                               bool skip_bad, TrainObserver& observer);

/// Of a run: what it trains on by the headers (by decoding it with --skip_bad, since a run must not end at a clip that
/// was to be skipped), what it is measured on by decoding. `shortest` is of one frame of the model. With `skip_bad`
/// throws Error, too, when a list loses all its clips, or the training clips a whole class.
std::vector<BadClip> leave_out_bad_clips(Dataset& data, const RunConfig& config, int64_t shortest,
                                         TrainObserver& observer);

}  // namespace sure
