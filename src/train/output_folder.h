// The folder that a run writes to: one run at a time, and nothing in it that another program or the user left is taken
// for an earlier run's.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/owned_folder.h"
#include "core/run_lock.h"

namespace sure {

/// What a command leaves in its output folder.
struct RunLayout {
  struct Folder {
    std::string name;  // "checkpoint-" stands for those of all steps
    FolderKind kind;
  };
  struct File {
    std::string name;
    std::string key;      // a file of the command is a JSON object that has it
    bool result = false;  // what a run that began may leave without a result is none
  };
  std::string command;  // "sure train"
  std::vector<Folder> folders;
  std::vector<File> files;
};

/// Of sure train, one run or folds.
RunLayout training_layout();

/// What becomes of an earlier run's results.
enum class Earlier { refuse, keep, remove };

/// Of a run that starts anew, or goes on.
Earlier fate_of_earlier(bool anew, bool overwrite);

class OutputFolder {
 public:
  /// `options`: the run's, by flag; what one of them names is not removed. Locks the folder if it is there. Throws
  /// Error when another run is at work there, and a usage Error for earlier results that are neither kept nor removed,
  /// for what this command did not write but would replace, and for results that the run itself reads.
  OutputFolder(std::filesystem::path path, RunLayout layout, Earlier earlier, nlohmann::ordered_json options);

  /// Makes and locks the folder and removes what is to go. Throws as the constructor, and Error when it cannot be made.
  /// Returns what the user should know, if anything.
  std::vector<std::string> make();

 private:
  void lock();
  void check() const;
  std::vector<std::filesystem::path> results() const;
  const RunLayout::Folder* folder_row(const std::filesystem::path& path) const;
  const RunLayout::File* file_row(const std::filesystem::path& path) const;
  void check_unused(const std::filesystem::path& result) const;
  std::string remove(const std::filesystem::path& result) const;

  std::filesystem::path path_;
  RunLayout layout_;
  Earlier earlier_;
  nlohmann::ordered_json options_;
  std::optional<RunLock> lock_;
};

}  // namespace sure
