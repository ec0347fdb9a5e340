#include "train/clip_lengths.h"

#include <set>

#include "audio/audio.h"
#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> paths_of(const std::vector<Example>& examples) {
  std::vector<fs::path> paths;
  paths.reserve(examples.size());
  for (const Example& example : examples) paths.push_back(example.path);
  return paths;
}

AudioIndex::Progress progress_of(TrainObserver& observer, const char* what) {
  return [&observer, what](size_t done, size_t total) {
    observer.on_preparation(what, static_cast<int64_t>(done), static_cast<int64_t>(total));
  };
}

void tell_notes(const AudioIndex& index, TrainObserver& observer) {
  for (const std::string& note : index.notes()) observer.on_message(note);
}

/// Why a clip cannot be used; empty for a good one.
std::string fault_of(const fs::path& path, const ClipLength& clip, int64_t shortest) {
  if (clip.fault.empty() && clip.samples >= shortest) return "";
  if (clip.fault.empty()) {
    return fmt::format("too short: {} samples at 16 kHz ({:.3f} s), and one frame of the model takes {}", clip.samples,
                       seconds_of(clip.samples), shortest);
  }
  const std::string name = path.string() + ": ";
  return clip.fault.starts_with(name) ? clip.fault.substr(name.size()) : clip.fault;
}

}  // namespace

std::vector<int64_t> look_up_samples(const std::vector<Example>& examples, const fs::path& data_dir,
                                     TrainObserver& observer) {
  AudioIndex index(default_index_file(data_dir));
  std::vector<int64_t> samples = index.samples(paths_of(examples), progress_of(observer, "looking up lengths"));
  tell_notes(index, observer);
  return samples;
}

ClipSurvey survey_clips(const std::vector<Example>& examples, const fs::path& data_dir, int64_t shortest,
                        TrainObserver& observer, ClipCheck check) {
  const std::vector<fs::path> paths = paths_of(examples);
  const char* what = check == ClipCheck::header ? "looking up lengths" : "checking clips";
  AudioIndex index(default_index_file(data_dir));
  ClipSurvey survey;
  std::set<fs::path> named;
  const std::vector<ClipLength> clips = index.look_up(paths, check, progress_of(observer, what));
  for (size_t i = 0; i < clips.size(); ++i) {
    std::string fault = fault_of(paths[i], clips[i], shortest);
    survey.samples.push_back(fault.empty() ? clips[i].samples : 0);
    if (!fault.empty() && named.insert(paths[i]).second) survey.bad.push_back({paths[i], std::move(fault)});
  }
  tell_notes(index, observer);
  return survey;
}

}  // namespace sure
