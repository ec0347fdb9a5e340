// Free Spoken Digit Dataset: recordings/{digit}_{speaker}_{index}.wav; indices 0 to 4 are its test part.
#include <regex>

#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/splits.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr int kTestIndices = 5;

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

Dataset read_fsdd(const DataOptions& options, const std::string& task) {
  static const std::regex kName("([0-9])_([^_]+)_([0-9]{1,6})");
  Dataset data;
  for (const fs::path& file : find_recordings(options.data_dir)) {
    const std::string stem = file.stem().string();
    std::smatch parts;
    if (!std::regex_match(stem, parts, kName)) {
      fail("{}: expected a file name like {{digit}}_{{speaker}}_{{index}}.wav", file.string());
    }
    const Split split = std::stoi(parts[3]) < kTestIndices ? Split::test : Split::train;
    examples_of(data, split).push_back({file, task == "speaker" ? parts[2] : parts[1], parts[2]});
  }
  const auto digit_and_speaker = [](const Example& e) { return e.path.stem().string().substr(0, 2) + e.speaker; };
  draw_valid_if_empty(data, digit_and_speaker, options.split_seed);
  return data;
}

}  // namespace sure
