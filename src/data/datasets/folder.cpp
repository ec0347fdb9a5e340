// Any recordings sorted into one folder per label: <label>/**, or {train,valid,test}/<label>/** where splits are made.
#include <algorithm>

#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/splits.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

std::vector<Example> find_clips(const fs::path& root, bool label_is_speaker) {
  std::vector<Example> clips;
  for (const fs::path& folder : folders_in(root)) {
    const std::string label = folder.filename().string();
    for (const fs::path& file : audio_files_below(folder)) {
      clips.push_back({file, label, label_is_speaker ? label : ""});
    }
  }
  if (clips.empty()) {
    fail("{}: expected one folder of audio files per label, found {}", root.string(), describe_contents(root));
  }
  return clips;
}

bool is_split_folder(const fs::path& folder) { return find_split(folder.filename().string()).has_value(); }

/// Whether the top level is train/, valid/, test/ rather than labels.
bool has_splits(const fs::path& root, const std::vector<fs::path>& folders) {
  const auto splits = std::count_if(folders.begin(), folders.end(), is_split_folder);
  if (splits == 0) return false;
  if (!fs::is_directory(root / "train") || splits != std::ssize(folders)) {
    fail("{}: expected either one folder per label or the folders train, valid and test, found {}", root.string(),
         describe_contents(root));
  }
  return true;
}

}  // namespace

Dataset read_folder(const DataOptions& options, const std::string& task) {
  const fs::path root = options.data_dir;
  const bool label_is_speaker = task == "speaker" || task == "verification";
  const std::vector<fs::path> folders = folders_in(root);
  Dataset data;
  data.spread_by = spread_for(task, target_of);
  if (!has_splits(root, folders)) {
    data.unsplit = find_clips(root, label_is_speaker);
    return data;
  }
  for (const fs::path& folder : folders) {
    std::vector<Example>& part = examples_of(data, *find_split(folder.filename().string()));
    for (Example& clip : find_clips(folder, label_is_speaker)) part.push_back(std::move(clip));
  }
  return data;
}

}  // namespace sure
