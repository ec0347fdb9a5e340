// Corpora of many languages, one folder each.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace sure {

/// Where a corpus keeps its languages, and how to tell a language's folder.
struct LanguageLayout {
  std::vector<std::string> parents;  // below the data folder, which itself is looked at first
  std::vector<std::string> lists;    // of train, valid and test; a language's folder has at least one
  std::string usual;                 // taken, with a note, where there are several
};

/// `root` itself, or the one folder of a language below it; then data.languages gets the names of all that are there,
/// and where they are several, data.notes says which one it is. Throws Error when there is none, or several without the
/// usual one.
std::filesystem::path find_language_folder(const std::filesystem::path& root, const LanguageLayout& layout,
                                           Utterances& data);

/// The lists that are in the folder, each with its split. Throws Error for one that is not, unless `allow_missing`.
std::vector<std::pair<std::filesystem::path, Split>> lists_in(const std::filesystem::path& folder,
                                                              const LanguageLayout& layout, bool allow_missing,
                                                              std::vector<std::string>& notes);

}  // namespace sure
