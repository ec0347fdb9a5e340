#include "pretrain/corpus.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "audio/audio.h"
#include "core/error.h"
#include "core/rng.h"
#include "data/audio_files.h"
#include "pretrain/exclude_list.h"
#include "text/text_lines.h"
#include "train/clip_lengths.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

struct Clip {
  fs::path path;
  int64_t samples = 0;
};

/// Relative paths in a list count from the folder that it lies in.
void add_listed(const fs::path& list, std::vector<fs::path>& paths) {
  for (TextLines lines(list); lines.next();) paths.push_back(list.parent_path() / lines.line());
}

void add_named(const fs::path& name, std::vector<fs::path>& paths) {
  if (!fs::is_directory(name)) return is_audio_file(name) ? paths.push_back(name) : add_listed(name, paths);
  const std::vector<fs::path> found = audio_files_below(name);
  if (found.empty()) fail("--audio {}: no audio files in this folder", name.string());
  paths.insert(paths.end(), found.begin(), found.end());
}

/// Each file once, in the order of the names.
std::vector<fs::path> find_files(const CorpusOptions& options) {
  std::vector<fs::path> all, distinct;
  for (const std::string& name : options.audio) add_named(name, all);
  std::set<fs::path> seen;
  for (const fs::path& path : all) {
    if (seen.insert(path.lexically_normal()).second) distinct.push_back(path);
  }
  return distinct;
}

std::vector<fs::path> without_excluded(const std::vector<fs::path>& paths, const CorpusOptions& options,
                                       TrainObserver& observer) {
  ExcludeList list(options.exclude);
  std::vector<fs::path> kept;
  std::copy_if(paths.begin(), paths.end(), std::back_inserter(kept),
               [&](const auto& p) { return !list.leaves_out(p); });
  if (kept.size() < paths.size()) {
    observer.on_message(fmt::format("{}: {} clips stay out", options.exclude, paths.size() - kept.size()));
  }
  if (const auto idle = list.idle(); !idle.empty()) {
    observer.on_message(
        fmt::format("note: {}: {} lines name no clip, e.g. {}", options.exclude, idle.size(), idle.front()));
  }
  return kept;
}

std::vector<Clip> with_lengths(const std::vector<fs::path>& paths, const CorpusOptions& options,
                               TrainObserver& observer) {
  std::vector<Example> examples;
  for (const fs::path& path : paths) examples.push_back({path, "", ""});
  const std::vector<int64_t> samples = look_up_samples(examples, options.audio.front(), observer);
  std::vector<Clip> clips;
  const auto shortest = static_cast<int64_t>(options.min_seconds * kSampleRate);
  for (size_t i = 0; i < paths.size(); ++i) {
    if (samples[i] >= shortest) clips.push_back({paths[i], samples[i]});
  }
  if (clips.size() < paths.size()) {
    observer.on_message(fmt::format("{} clips are shorter than --min_seconds {:g} and stay out",
                                    paths.size() - clips.size(), options.min_seconds));
  }
  return clips;
}

/// Puts the clips to train on first. A clip keeps its part when others come or go.
size_t draw_validation(std::vector<Clip>& clips, double share, int64_t seed) {
  const auto draw = [&](const Clip& clip) {
    const uint64_t mixed = mix_seed(mix_seed(static_cast<uint64_t>(seed), "valid"), clip.path.filename().string());
    return std::ldexp(static_cast<double>(mixed), -64);
  };
  const auto trains = [&](const Clip& clip) { return draw(clip) >= share; };
  auto first_valid = std::stable_partition(clips.begin(), clips.end(), trains);
  if (share > 0 && first_valid == clips.end() && clips.size() > 1) --first_valid;
  return static_cast<size_t>(first_valid - clips.begin());
}

}  // namespace

std::vector<Example> Corpus::part(bool to_train) const {
  const auto middle = clips.begin() + static_cast<ptrdiff_t>(training);
  return to_train ? std::vector(clips.begin(), middle) : std::vector(middle, clips.end());
}

double Corpus::seconds() const {
  return static_cast<double>(std::accumulate(samples.begin(), samples.end(), int64_t{0})) / kSampleRate;
}

Corpus read_corpus(const CorpusOptions& options, int64_t seed, TrainObserver& observer) {
  std::vector<Clip> clips = with_lengths(without_excluded(find_files(options), options, observer), options, observer);
  Corpus corpus;
  corpus.training = draw_validation(clips, options.valid_share, seed);
  if (corpus.training == 0) fail("--audio {}: no clip is left to train on", fmt::join(options.audio, ","));
  for (Clip& clip : clips) {
    corpus.clips.push_back({std::move(clip.path), "", ""});
    corpus.samples.push_back(clip.samples);
  }
  return corpus;
}

}  // namespace sure
