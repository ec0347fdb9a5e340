// Recordings with their texts beside them: [train|valid|test]/[<speaker>/]<name>.wav and <name>.txt (or .lab). The
// innermost folder that is no split names the speaker.
#include <algorithm>

#include "core/atomic_file.h"
#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/file_account.h"
#include "data/folder_layout.h"
#include "data/listings.h"
#include "data/splits.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

bool is_text(const fs::path& file) { return file.extension() == ".txt" || file.extension() == ".lab"; }

/// The path without its extension: a text and its recording share it.
std::string id_of(const fs::path& file) { return (file.parent_path() / file.stem()).string(); }

std::string speaker_of_clip(const fs::path& clip, const fs::path& root, bool has_splits) {
  const fs::path folder = clip.parent_path().lexically_relative(root);
  const std::string name = folder == "." ? "" : folder.filename().string();
  return has_splits && find_split(name) ? "" : name;
}

}  // namespace

Utterances read_folder_texts(const DataOptions& options) {
  const fs::path root = fs::path(options.data_dir) / "";
  FileAccount files = account_for(options.data_dir);
  Transcripts transcripts;
  std::vector<fs::path> texts;
  std::copy_if(files.others.begin(), files.others.end(), std::back_inserter(texts), is_text);
  std::erase_if(files.others, is_text);
  if (files.clips.empty() || texts.empty()) {
    fail("{}: expected recordings, each with a .txt of its name beside it that says what is spoken, found {}",
         options.data_dir, describe_contents(options.data_dir));
  }
  const FolderLayout layout = find_layout(options.data_dir, files.clips, {options.splits_in_folders, false});
  Utterances data;
  data.own_names = layout.own_names;
  for (const PlacedClip& clip : layout.clips) {
    std::vector<Utterance>& part = clip.split ? examples_of(data, *clip.split) : data.unsplit;
    part.push_back(
        {.path = clip.path, .speaker = speaker_of_clip(clip.path, root.parent_path(), clip.split.has_value())});
  }
  for (const fs::path& text : texts) transcripts.add(id_of(text), read_file(text), text.string());
  transcripts.apply(data, id_of, options.data_dir, options.allow_missing);
  if (const std::string account = describe_account(files); !account.empty()) data.notes.push_back(account);
  return data;
}

}  // namespace sure
