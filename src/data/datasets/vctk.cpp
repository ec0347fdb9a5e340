// VCTK (Yamagishi et al. 2019): <speaker>/*, at the top or in the folder of one of its releases. It defines no splits.
#include <algorithm>
#include <set>

#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/splits.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kRoots[] = {"wav48_silence_trimmed", "wav48", "wav16", "."};

/// Release 0.92 has each sentence from two microphones: the second would put a training sentence into the test part.
std::vector<fs::path> without_second_microphone(std::vector<fs::path> files) {
  constexpr std::string_view kSecond = "_mic2";
  std::set<std::string> stems;
  for (const fs::path& file : files) stems.insert(file.stem().string());
  std::erase_if(files, [&](const fs::path& file) {
    const std::string stem = file.stem().string();
    return stem.ends_with(kSecond) && stems.contains(stem.substr(0, stem.size() - kSecond.size()) + "_mic1");
  });
  return files;
}

std::vector<Example> find_clips(const fs::path& root) {
  std::vector<Example> clips;
  for (const fs::path& folder : folders_in(root)) {
    const std::string speaker = folder.filename().string();
    for (const fs::path& file : without_second_microphone(audio_files_in(folder))) {
      clips.push_back({file, speaker, speaker});
    }
  }
  return clips;
}

}  // namespace

Dataset read_vctk(const DataOptions& options, const std::string& /*task*/) {
  for (const char* name : kRoots) {
    std::vector<Example> clips = find_clips((fs::path(options.data_dir) / name).lexically_normal());
    if (clips.empty()) continue;
    Dataset data;
    draw_splits(data, std::move(clips), [](const Example& e) { return e.speaker; }, options.split_seed);
    return data;
  }
  fail("{}: expected <speaker>/*.wav, here or in one of {}, found {}", options.data_dir, fmt::join(kRoots, ", "),
       describe_contents(options.data_dir));
}

}  // namespace sure
