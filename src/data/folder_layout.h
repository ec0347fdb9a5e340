// The meaning of the folders in a data folder: splits, labels, or a wrapping around them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/splits.h"

namespace sure {

/// An audio file with the split and label of its folders.
struct PlacedClip {
  std::filesystem::path path;
  std::optional<Split> split;
  std::string label;  // empty for a file that lies in no label's folder
};

struct FolderLayout {
  std::vector<PlacedClip> clips;
  /// How the corpus writes its splits, as in "Testing".
  std::map<std::string, Split> own_names;
  std::vector<std::string> notes;
};

struct LayoutOptions {
  bool splits_in_folders = true;  // folders named train, dev, test … are splits
  bool needs_labels = true;       // each clip must lie in a label's folder
};

/// `files`: audio below `root`. Understands [train|valid|test]/<label>/**, <label>/[train|valid|test]/** and either of
/// them in further folders that hold everything. Throws Error for splits beside labels, and where no file lies in a
/// label's folder.
FolderLayout find_layout(const std::filesystem::path& root, const std::vector<std::filesystem::path>& files,
                         const LayoutOptions& options);

}  // namespace sure
