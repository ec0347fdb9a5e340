// Clips that a corpus' list names: those on disk become examples, the others are counted.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace sure {

class ListedClips {
 public:
  /// `list` is the file that names the clips, for messages.
  explicit ListedClips(std::filesystem::path list) : list_(std::move(list)) {}

  /// The audio file with the name of `listed` and any audio extension: a list names .wav files, a copy of the corpus
  /// may hold another format. Throws Error when its folder cannot be listed.
  std::optional<std::filesystem::path> find(const std::filesystem::path& listed);

  /// Appends the example of one row, with the path that `find` has for it. Missing files and blank targets are counted.
  void add(std::vector<Example>& part, Example example);

  /// Notes what `add` left out. Throws Error when files are missing, unless `allow_missing`.
  void report(bool allow_missing, std::vector<std::string>& notes) const;

 private:
  using FilesByStem = std::map<std::string, std::filesystem::path>;

  std::filesystem::path list_;
  std::map<std::filesystem::path, FilesByStem> folders_;
  size_t listed_ = 0;
  std::vector<std::string> missing_;
  std::vector<std::string> blank_;
};

}  // namespace sure
