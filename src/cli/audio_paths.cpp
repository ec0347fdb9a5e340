#include "cli/audio_paths.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "core/error.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

/// What libsndfile reads and tells by itself.
const std::set<std::string> kAudioSuffixes = {".wav", ".flac", ".ogg", ".opus", ".oga", ".mp3", ".aiff",
                                              ".aif", ".au",   ".caf", ".w64",  ".sph", ".rf64"};

bool has_audio_suffix(const fs::path& path) {
  std::string suffix = path.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return kAudioSuffixes.contains(suffix);
}

void add_folder(const fs::path& folder, std::vector<fs::path>& paths) {
  const size_t before = paths.size();
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && has_audio_suffix(entry.path())) paths.push_back(entry.path());
  }
  if (paths.size() == before) fail("{}: no audio files in this folder", folder.string());
  std::sort(paths.begin() + static_cast<std::ptrdiff_t>(before), paths.end());
}

}  // namespace

std::vector<fs::path> audio_paths(const std::vector<std::string>& arguments, std::istream& list) {
  std::vector<fs::path> paths;
  const auto add = [&](const std::string& name) {
    if (fs::is_directory(name)) return add_folder(name, paths);
    paths.emplace_back(name);
  };
  const std::vector<std::string> only_list = {"-"};
  for (const std::string& argument : arguments.empty() ? only_list : arguments) {
    if (argument != "-") {
      add(argument);
      continue;
    }
    for (std::string line; std::getline(list, line);) {
      if (!line.empty()) add(line);
    }
  }
  return paths;
}

}  // namespace sure
