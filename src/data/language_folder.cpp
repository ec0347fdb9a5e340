#include "data/language_folder.h"

#include <algorithm>

#include "core/error.h"
#include "data/audio_files.h"
#include "data/listings.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

bool is_language_folder(const fs::path& folder, const LanguageLayout& layout) {
  return std::any_of(layout.lists.begin(), layout.lists.end(),
                     [&](const std::string& list) { return fs::exists(folder / list); });
}

std::vector<fs::path> language_folders(const fs::path& parent, const LanguageLayout& layout) {
  std::vector<fs::path> folders = folders_in(parent);
  std::erase_if(folders, [&](const fs::path& folder) { return !is_language_folder(folder, layout); });
  return folders;
}

fs::path choose(const std::vector<fs::path>& folders, const LanguageLayout& layout, Utterances& data) {
  std::vector<std::string>& names = data.languages;
  for (const fs::path& folder : folders) names.push_back(folder.filename().string());
  if (folders.size() == 1) return folders.front();
  const auto usual = std::find(names.begin(), names.end(), layout.usual);
  if (usual == names.end()) {
    fail("{}: found the languages {}, expected one; name its folder with --data_dir",
         folders.front().parent_path().string(), fmt::join(names, ", "));
  }
  data.notes.push_back(fmt::format("{} of {} languages is used; another is chosen by naming its folder with --data_dir",
                                   layout.usual, names.size()));
  return folders[static_cast<size_t>(usual - names.begin())];
}

}  // namespace

fs::path find_language_folder(const fs::path& root, const LanguageLayout& layout, Utterances& data) {
  if (is_language_folder(root, layout)) return root;
  std::vector<fs::path> parents = {root};
  for (const std::string& name : layout.parents) parents.push_back(root / name);
  for (const fs::path& parent : parents) {
    const std::vector<fs::path> folders = language_folders(parent, layout);
    if (!folders.empty()) return choose(folders, layout, data);
  }
  fail("{}: expected {} here or in the folder of a language, found {}", root.string(), fmt::join(layout.lists, ", "),
       describe_contents(root));
}

std::vector<std::pair<fs::path, Split>> lists_in(const fs::path& folder, const LanguageLayout& layout,
                                                 bool allow_missing, std::vector<std::string>& notes) {
  std::vector<std::pair<fs::path, Split>> lists;
  for (const Split split : kSplits) {
    const fs::path list = folder / layout.lists.at(static_cast<size_t>(split));
    if (fs::exists(list)) {
      lists.emplace_back(list, split);
    } else {
      report_gap(fmt::format("{}: expected this list of clips, found {}", list.string(), describe_contents(folder)),
                 allow_missing, notes);
    }
  }
  return lists;
}

}  // namespace sure
