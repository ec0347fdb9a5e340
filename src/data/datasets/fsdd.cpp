// Free Spoken Digit Dataset: recordings/{digit}_{speaker}_{index}.wav; indices 0 to 4 are its test part.
#include <array>
#include <regex>

#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr int kTestIndices = 5;
constexpr std::array<const char*, 10> kWords = {"zero", "one", "two",   "three", "four",
                                                "five", "six", "seven", "eight", "nine"};

std::vector<fs::path> find_recordings(const fs::path& root) {
  const fs::path folder = fs::is_directory(root / "recordings") ? root / "recordings" : root;
  std::vector<fs::path> files = audio_files_in(folder);
  if (files.empty()) {
    fail("{}: expected recordings/{{digit}}_{{speaker}}_{{index}}.wav, found {}", root.string(),
         describe_contents(folder));
  }
  return files;
}

}  // namespace

Utterances read_fsdd(const DataOptions& options, const Wanted& /*wanted*/) {
  static const std::regex kName("([0-9])_([^_]+)_([0-9]{1,6})");
  Utterances data;
  for (const fs::path& file : find_recordings(options.data_dir)) {
    const std::string stem = file.stem().string();
    std::smatch parts;
    if (!std::regex_match(stem, parts, kName)) {
      fail("{}: expected a file name like {{digit}}_{{speaker}}_{{index}}.wav", file.string());
    }
    const bool is_test = std::stoi(parts[3]) < kTestIndices;
    const char* word = kWords.at(static_cast<size_t>(std::stoi(parts[1])));
    (is_test ? data.test : data.train)
        .push_back({.path = file, .text = word, .keyword = parts[1], .speaker = parts[2]});
  }
  data.spread_by = [](const Example& e) { return e.path.stem().string().substr(0, 2) + e.speaker; };
  return data;
}

}  // namespace sure
