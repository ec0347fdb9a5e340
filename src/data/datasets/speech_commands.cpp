// Google Speech Commands (Warden 2018), v0.01 and v0.02: <word>/<speaker>_nohash_<n>.wav; testing_list.txt and
// validation_list.txt name the clips of two splits, all others are for training. The eleven words of the SURE
// benchmark.
#include <algorithm>
#include <map>

#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/listings.h"
#include "data/splits.h"
#include "text/counted.h"
#include "text/text_lines.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

const std::vector<std::string> kWords = {"off", "up", "stop", "four", "no", "down", "left", "go", "yes", "on", "right"};

constexpr SplitName kLists[] = {{"validation_list.txt", Split::valid}, {"testing_list.txt", Split::test}};

/// Clips by "word/stem": lists name .wav files, a copy of the corpus may hold another format.
using Clips = std::map<std::string, Utterance>;

Clips find_clips(const fs::path& root) {
  Clips clips;
  std::vector<std::string> absent;
  for (const std::string& word : kWords) {
    const std::vector<fs::path> files = audio_files_in(root / word);
    if (files.empty()) absent.push_back(word);
    for (const fs::path& file : files) {
      const std::string stem = file.stem().string();
      clips.emplace(
          fmt::format("{}/{}", word, stem),
          Utterance{.path = file, .text = word, .keyword = word, .speaker = stem.substr(0, stem.find("_nohash_"))});
    }
  }
  if (!absent.empty()) {
    fail("{}: expected a folder of clips for each of {}, found none for {}", root.string(), fmt::join(kWords, ", "),
         fmt::join(absent, ", "));
  }
  return clips;
}

bool is_of_benchmark(std::string_view word) { return std::find(kWords.begin(), kWords.end(), word) != kWords.end(); }

/// Tells how many clips of other words there are.
void note_other_words(const fs::path& root, std::vector<std::string>& notes) {
  std::vector<std::string> words;
  size_t clips = 0;
  for (const fs::path& folder : folders_in(root)) {
    const std::string word = folder.filename().string();
    if (is_of_benchmark(word) || word.starts_with('_')) continue;  // _background_noise_
    const size_t files = audio_files_in(folder).size();
    if (files > 0) words.push_back(word);
    clips += files;
  }
  if (clips == 0) return;
  notes.push_back(fmt::format("{} of {} left out, which the benchmark does not have: {}",
                              counted(static_cast<int64_t>(clips), "clip"), counted(std::ssize(words), "other word"),
                              name_some(words, 5)));
}

/// The list's clips of the eleven words, as in the file.
std::vector<std::string> read_list(const fs::path& path) {
  if (!fs::exists(path)) {
    fail("{}: expected this list of clips, found {}", path.string(), describe_contents(path.parent_path()));
  }
  TextLines lines(path);
  std::vector<std::string> names;
  while (lines.next()) {
    const size_t slash = lines.line().find('/');
    if (slash == std::string_view::npos) lines.refuse("word/clip.wav");
    if (!is_of_benchmark(lines.line().substr(0, slash))) continue;
    names.emplace_back(lines.line());
  }
  return names;
}

}  // namespace

Utterances read_speech_commands(const DataOptions& options, const Wanted& /*wanted*/) {
  const fs::path root = options.data_dir;
  Clips clips = find_clips(root);
  Utterances data;
  for (const SplitName& list : kLists) {
    const std::vector<std::string> names = read_list(root / list.name);
    std::vector<std::string> missing;
    for (const std::string& name : names) {
      const auto node = clips.extract(fs::path(name).replace_extension().string());
      if (node.empty()) {
        missing.push_back(name);
      } else {
        examples_of(data, list.split).push_back(node.mapped());
      }
    }
    report_missing(missing, names.size(), root / list.name, options.allow_missing, data.notes);
  }
  for (const auto& [name, clip] : clips) data.train.push_back(clip);
  note_other_words(root, data.notes);
  data.classes = {Field::keyword, kWords};
  return data;
}

}  // namespace sure
