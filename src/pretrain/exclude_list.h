// Which recordings stay out of pre-training: a text file with a name a line.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace sure {

/// A line names a file or a folder by its path or the end of it ("p225", "wav16/p225", "0_jackson_3.flac"), or is a
/// pattern with * ? [] for the same ("*_yweweler_*"). Blank lines and lines that start with # count for nothing.
class ExcludeList {
 public:
  /// An empty path leaves out nothing. Throws Error when the file cannot be read.
  explicit ExcludeList(const std::filesystem::path& file);

  /// Whether a line names the file or a folder above it.
  bool leaves_out(const std::filesystem::path& path);

  /// The lines that named nothing so far: a sign of a misspelt one.
  std::vector<std::string> idle() const;

 private:
  std::vector<std::string> patterns_;
  std::set<std::string> names_;
  std::set<std::string> used_;
};

}  // namespace sure
