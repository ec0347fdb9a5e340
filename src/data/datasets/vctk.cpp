// VCTK (Yamagishi et al. 2019): <speaker>/*, at the top or in the folder of one of its releases, and what is said in
// txt/<speaker>/<id>.txt. It defines no splits.
#include <algorithm>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/listings.h"

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

std::vector<Utterance> find_clips(const fs::path& root) {
  std::vector<Utterance> clips;
  for (const fs::path& folder : folders_in(root)) {
    const std::string speaker = folder.filename().string();
    for (const fs::path& file : without_second_microphone(audio_files_in(folder))) {
      clips.push_back({.path = file, .speaker = speaker});
    }
  }
  return clips;
}

std::vector<Utterance> find_clips_of_a_release(const fs::path& root) {
  for (const char* name : kRoots) {
    std::vector<Utterance> clips = find_clips((root / name).lexically_normal());
    if (!clips.empty()) return clips;
  }
  fail("{}: expected <speaker>/*.wav, here or in one of {}, found {}", root.string(), fmt::join(kRoots, ", "),
       describe_contents(root));
}

/// "p225_001", of release 0.92's "p225_001_mic1" too.
std::string sentence_of(const fs::path& clip) {
  const std::string stem = stem_of(clip);
  return stem.substr(0, stem.find("_mic"));
}

Transcripts read_transcripts(const fs::path& folder) {
  Transcripts transcripts;
  for (const fs::path& speaker : folders_in(folder)) {
    for (const fs::path& file : files_in(speaker, ".txt")) {
      transcripts.add(stem_of(file), read_file(file), file.string());
    }
  }
  return transcripts;
}

}  // namespace

Utterances read_vctk(const DataOptions& options, const Wanted& wanted) {
  const fs::path root = options.data_dir;
  Utterances data;
  data.unsplit = find_clips_of_a_release(root);
  if (is_transcript(wanted.field)) {
    read_transcripts(root / "txt").apply(data, sentence_of, root.string(), options.allow_missing);
  }
  return data;
}

}  // namespace sure
