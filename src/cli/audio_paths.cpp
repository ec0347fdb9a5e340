#include "cli/audio_paths.h"

#include "core/error.h"
#include "data/audio_files.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

void add_folder(const fs::path& folder, std::vector<fs::path>& paths) {
  const std::vector<fs::path> found = audio_files_below(folder);
  if (found.empty()) fail("{}: no audio files in this folder", folder.string());
  paths.insert(paths.end(), found.begin(), found.end());
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
