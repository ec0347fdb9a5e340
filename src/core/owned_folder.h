// Folders that sure wrote, and what in them is sure's: a hidden file, the mark, names the kind of folder and the files
// that were written with it. Whatever else lies there is the user's, and is neither removed nor replaced.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sure {

struct FolderKind {
  std::string name;                   // as the mark tells it: "sure train: best model"
  std::vector<std::string> unmarked;  // a folder of versions without the mark is known by having all these files
  std::string beside;                 // and by what lies beside it, unless empty
};

/// Writes the mark of a folder that holds nothing but what sure wrote. Throws Error naming the folder.
void write_mark(const std::filesystem::path& folder, const FolderKind& kind);

/// Whether a folder is there that was written as this kind.
bool is_owned(const std::filesystem::path& folder, const FolderKind& kind);

/// Throws Error unless the path is free, an empty folder, or one of this kind.
void require_own(const std::filesystem::path& folder, const FolderKind& kind);

/// Removes what sure wrote there, `first` before all else, and the folder if nothing of the user's is left in it; else
/// it stays a folder of this kind. Returns what could not be removed and why, in one line, or nothing.
std::string remove_own(const std::filesystem::path& folder, const FolderKind& kind, const std::string& first = "");

/// Puts a marked folder `whole`, in which nothing is the user's, where a folder of this kind may stand, whose files it
/// replaces one by one; the user's stay. Killed on the way, it can be called again. Throws Error naming `target`.
void merge_folder(const std::filesystem::path& whole, const std::filesystem::path& target);

/// Gives a folder without a mark that is of this kind the mark that it lacks.
void adopt(const std::filesystem::path& folder, const FolderKind& kind);

/// Removes a folder that another one has taken the place of; the user's files move over to that one. What it has
/// another one of stays. Returns what could not be removed and why, in one line, or nothing.
std::string retire(const std::filesystem::path& old, const std::filesystem::path& successor);

}  // namespace sure
