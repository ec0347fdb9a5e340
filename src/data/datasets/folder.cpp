// Any recordings sorted into one folder per label: <label>/**, or {train,valid,test}/<label>/** where splits are made.
#include <algorithm>

#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/file_account.h"
#include "data/folder_layout.h"
#include "data/splits.h"
#include "text/counted.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr size_t kNamedFolders = 5;

std::vector<fs::path> all_audio(const FileAccount& files, const fs::path& root) {
  std::vector<fs::path> audio = files.clips;
  audio.insert(audio.end(), files.unreadable.begin(), files.unreadable.end());
  std::sort(audio.begin(), audio.end());
  if (audio.empty()) {
    fail("{}: expected one folder of audio files per label, found {}", root.string(), describe_contents(root));
  }
  return audio;
}

/// A class whose folder is empty is none: told, since its clips may have gone astray.
void note_empty_folders(const fs::path& root, std::vector<std::string>& notes) {
  std::vector<std::string> empty;
  for (const fs::path& folder : folders_in(root)) {
    std::vector<fs::path> candidates = folders_in(folder);
    candidates.push_back(folder);
    for (const fs::path& candidate : candidates) {
      std::error_code unreadable;
      if (fs::is_empty(candidate, unreadable)) empty.push_back(candidate.lexically_relative(root).string());
    }
  }
  if (!empty.empty()) notes.push_back(fmt::format("nothing is in {}: no class", name_some(empty, kNamedFolders)));
}

}  // namespace

Utterances read_folder(const DataOptions& options, const Wanted& wanted) {
  if (is_transcript(wanted.field)) return read_folder_texts(options);
  const fs::path root = options.data_dir;
  const bool label_is_speaker = is_speaker(wanted.field);
  const bool needs_labels = !label_is_speaker || options.speaker_pattern.empty();
  const FileAccount files = account_for(root);
  const FolderLayout layout = find_layout(root, all_audio(files, root), {options.splits_in_folders, needs_labels});

  Utterances data;
  data.own_names = layout.own_names;
  data.notes = layout.notes;
  note_empty_folders(root, data.notes);
  size_t left_out = 0;
  for (const PlacedClip& clip : layout.clips) {
    if (needs_labels && clip.label.empty()) {
      left_out += is_readable_audio(clip.path) ? 1 : 0;
      continue;
    }
    std::vector<Utterance>& part = clip.split ? examples_of(data, *clip.split) : data.unsplit;
    part.push_back({.path = clip.path, .label = clip.label});
  }
  if (const std::string account = describe_account(files, left_out); !account.empty()) data.notes.push_back(account);
  return data;
}

}  // namespace sure
