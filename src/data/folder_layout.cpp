#include "data/folder_layout.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "data/audio_files.h"
#include "text/counted.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLabelsFlag = "--splits_in_folders False";

/// A file and the folders between the root and it that have no meaning yet.
struct Pending {
  PlacedClip clip;
  std::vector<std::string> folders;
};

using Names = std::set<std::string>;

std::vector<std::string> folders_between(const fs::path& root, const fs::path& file) {
  std::vector<std::string> folders;
  for (const fs::path& part : file.parent_path().lexically_relative(root)) {
    if (part != ".") folders.push_back(part.string());
  }
  return folders;
}

/// The different names at one depth; files that do not lie so deep count not.
Names names_at(const std::vector<Pending>& files, size_t depth) {
  Names names;
  for (const Pending& file : files) {
    if (file.folders.size() > depth) names.insert(file.folders[depth]);
  }
  return names;
}

bool all_deeper_than(const std::vector<Pending>& files, size_t depth) {
  return std::all_of(files.begin(), files.end(), [&](const Pending& file) { return file.folders.size() > depth; });
}

bool is_split_name(const std::string& name) { return find_split(name).has_value(); }

void drop_folder(std::vector<Pending>& files, size_t depth) {
  for (Pending& file : files) file.folders.erase(file.folders.begin() + static_cast<ptrdiff_t>(depth));
}

class Finder {
 public:
  Finder(const fs::path& root, const LayoutOptions& options) : root_(root), options_(options) {}

  FolderLayout find(std::vector<Pending> files) {
    unwrap(files);
    const bool top = take_splits(files, 0);
    if (top) unwrap(files);
    if (options_.needs_labels) {
      check_labels(files, top);
      if (!top) take_splits_inside(files);
      for (Pending& file : files) {
        if (!file.folders.empty()) file.clip.label = file.folders.front();
      }
      note_labels_like_splits(files);
    }
    for (Pending& file : files) layout_.clips.push_back(std::move(file.clip));
    return std::move(layout_);
  }

 private:
  /// Whether folders of that name are splits here.
  bool means_split(const std::string& name) const { return options_.splits_in_folders && is_split_name(name); }

  /// Folders that hold everything say nothing: labels or splits are further in.
  void unwrap(std::vector<Pending>& files) {
    for (Names names = names_at(files, 0);
         names.size() == 1 && !means_split(*names.begin()) && all_deeper_than(files, 1); names = names_at(files, 0)) {
      layout_.notes.push_back(
          fmt::format("{}: all audio is in the folder '{}': the folders inside it are taken for "
                      "labels or splits",
                      root_.string(), *names.begin()));
      drop_folder(files, 0);
    }
  }

  /// Where all names at a depth are splits: sets them and drops these folders.
  bool take_splits(std::vector<Pending>& files, size_t depth) {
    if (!options_.splits_in_folders) return false;
    const Names names = names_at(files, depth);
    const auto splits = std::count_if(names.begin(), names.end(), is_split_name);
    if (splits == 0) return false;
    if (splits != std::ssize(names)) refuse_mixture(names);
    const SplitNames split_names(names);
    for (const auto& [name, split] : split_names.all()) layout_.own_names[name] = split;
    layout_.notes.insert(layout_.notes.end(), split_names.notes().begin(), split_names.notes().end());
    for (Pending& file : files) {
      if (file.folders.size() <= depth) continue;
      file.clip.split = split_names.find(file.folders[depth]);
      file.folders.erase(file.folders.begin() + static_cast<ptrdiff_t>(depth));
    }
    return true;
  }

  /// <label>/train/…: only where every file has it so; such names may also be parts of a label's inner order.
  void take_splits_inside(std::vector<Pending>& files) {
    const Names names = names_at(files, 1);
    if (names.empty() || !all_deeper_than(files, 1) || !std::all_of(names.begin(), names.end(), is_split_name)) return;
    if (!take_splits(files, 1)) return;
    layout_.notes.push_back(fmt::format("{}: splits are the folders {} inside each label's; {} if they are not",
                                        root_.string(), fmt::join(names, ", "), kLabelsFlag));
  }

  [[noreturn]] void refuse_mixture(const Names& names) const {
    Names splits, others;
    for (const std::string& name : names) (is_split_name(name) ? splits : others).insert(name);
    fail(
        "{}: expected either one folder per label or the folders train, valid and test, found {} beside {}; move one "
        "kind away, or {} if all are labels",
        root_.string(), fmt::join(splits, ", "), fmt::join(others, ", "), kLabelsFlag);
  }

  void check_labels(const std::vector<Pending>& files, bool has_splits) const {
    if (!names_at(files, 0).empty()) return;
    const std::string clips = counted(std::ssize(files), "audio file");
    if (has_splits) {
      fail("{}: {} directly in the folders {}, expected one folder per label in them; {} if those are the labels",
           root_.string(), clips, names_of_splits(), kLabelsFlag);
    }
    fail("{}: {} and no folders, expected one folder of audio files per label{}", root_.string(), clips,
         hint_at_parent());
  }

  std::string names_of_splits() const {
    std::vector<std::string> names;
    for (const auto& [name, split] : layout_.own_names) names.push_back(name);
    return fmt::format("{}", fmt::join(names, ", "));
  }

  /// Whether `folder` holds audio, as far as it can be listed.
  static bool has_audio(const fs::path& folder) {
    try {
      return !audio_files_in(folder).empty();
    } catch (const Error&) {
      return false;
    }
  }

  /// For who named one label's folder.
  std::string hint_at_parent() const {
    constexpr const char* kOtherwise = "; a list of clips and their labels is read with --dataset manifest";
    const fs::path parent = fs::absolute(root_ / "").lexically_normal().parent_path().parent_path();
    const std::vector<fs::path> folders = folders_in(parent);
    if (std::count_if(folders.begin(), folders.end(), has_audio) < 2) return kOtherwise;
    return fmt::format("; --data_dir {} has such folders", parent.string());
  }

  void note_labels_like_splits(const std::vector<Pending>& files) {
    if (!options_.splits_in_folders) return;
    for (const std::string& name : names_at(files, 0)) {
      if (is_split_name(name)) layout_.notes.push_back(fmt::format("label '{}' is named like a split", name));
    }
  }

  const fs::path& root_;
  const LayoutOptions& options_;
  FolderLayout layout_;
};

}  // namespace

FolderLayout find_layout(const fs::path& root, const std::vector<fs::path>& files, const LayoutOptions& options) {
  std::vector<Pending> pending;
  for (const fs::path& file : files) pending.push_back({{file, std::nullopt, ""}, folders_between(root, file)});
  return Finder(root, options).find(std::move(pending));
}

}  // namespace sure
