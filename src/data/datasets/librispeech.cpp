// LibriSpeech (Panayotov et al. 2015): {train,dev,test}-*/<speaker>/<chapter>/*.flac with the upper-case text of each
// in <speaker>-<chapter>.trans.txt. No speaker is in two of its parts. dev-other and test-other are parts of their own.
#include <algorithm>
#include <iterator>
#include <utility>

#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/splits.h"
#include "data/transcripts.h"
#include "text/text_lines.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kExpected = "train-clean-100 (or another train-*), dev-clean and test-clean";

/// Folders of parts by the start of their names, "train-".
std::vector<fs::path> parts_of(const fs::path& root, std::string_view prefix) {
  std::vector<fs::path> folders = folders_in(root);
  std::erase_if(folders, [&](const fs::path& f) { return !f.filename().string().starts_with(prefix); });
  return folders;
}

void append(std::vector<Example>& clips, std::vector<Example> more) {
  std::move(more.begin(), more.end(), std::back_inserter(clips));
}

void append_clips(const fs::path& part, bool speaker_is_target, std::vector<Example>& clips) {
  for (const fs::path& folder : folders_in(part)) {
    const std::string speaker = folder.filename().string();
    for (const fs::path& chapter : folders_in(folder)) {
      for (const fs::path& file : audio_files_in(chapter)) {
        clips.push_back({file, speaker_is_target ? speaker : "", speaker});
      }
    }
  }
}

void append_transcripts(const fs::path& part, Transcripts& transcripts) {
  for (const fs::path& speaker : folders_in(part)) {
    for (const fs::path& chapter : folders_in(speaker)) {
      const fs::path file =
          chapter / fmt::format("{}-{}.trans.txt", speaker.filename().string(), chapter.filename().string());
      if (!fs::exists(file)) continue;
      TextLines lines(file);
      while (lines.next()) {
        const std::string_view line = lines.line();
        const size_t space = std::min(line.find(' '), line.size());
        transcripts.add(std::string(line.substr(0, space)), line.substr(space), lines.where());
      }
    }
  }
}

/// The part's clips.
std::vector<Example> read_part(const fs::path& part, const std::string& task, Transcripts& transcripts) {
  std::vector<Example> clips;
  append_clips(part, !has_transcripts(task), clips);
  if (has_transcripts(task)) append_transcripts(part, transcripts);
  return clips;
}

/// NAME-clean is the split; NAME-other is a part of its own, and the split where only that is there, with a note.
void read_held_out(const fs::path& root, const std::string& name, Split split, const std::string& task, Dataset& data,
                   Transcripts& transcripts) {
  const std::string clean = name + "-clean", other = name + "-other";
  const bool has_clean = fs::is_directory(root / clean), has_other = fs::is_directory(root / other);
  if (!has_clean && !has_other) return;
  const std::string chosen = has_clean ? clean : other;
  examples_of(data, split) = read_part(root / chosen, task, transcripts);
  data.own_names[chosen] = split == Split::valid ? "valid" : "test";
  if (has_clean && has_other) data.further.push_back({other, read_part(root / other, task, transcripts)});
  if (!has_clean) data.notes.push_back(fmt::format("{} is absent: {} takes its place", (root / clean).string(), other));
}

/// Whom the model is to recognise it must have heard: only training speakers count.
void keep_training_speakers(Dataset& data) {
  data.unsplit = std::exchange(data.train, {});
  data.valid.clear();
  data.test.clear();
  data.further.clear();
  data.own_names.clear();
}

}  // namespace

Dataset read_librispeech(const DataOptions& options, const std::string& task) {
  const fs::path root = options.data_dir;
  Dataset data;
  data.spread_by = spread_for(task, speaker_of);
  Transcripts transcripts;
  for (const fs::path& part : parts_of(root, "train-")) append(data.train, read_part(part, task, transcripts));
  read_held_out(root, "dev", Split::valid, task, data, transcripts);
  read_held_out(root, "test", Split::test, task, data, transcripts);
  if (data.train.empty() && data.own_names.empty()) {
    fail("{}: expected {}, found {}", root.string(), kExpected, describe_contents(root));
  }
  if (has_transcripts(task)) transcripts.apply(data, stem_of, options.data_dir, options.allow_missing);
  if (task == "speaker") keep_training_speakers(data);
  return data;
}

}  // namespace sure
