// LibriSpeech (Panayotov et al. 2015): {train,dev,test}-*/<speaker>/<chapter>/*.flac with the upper-case text of each
// in <speaker>-<chapter>.trans.txt. No speaker is in two of its parts.
#include <algorithm>
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

struct Part {
  fs::path folder;
  Split split;
};

/// NAME-clean, or NAME-other where only that is there, with a note.
void append_held_out(const fs::path& root, const std::string& name, Split split, std::vector<Part>& parts,
                     std::vector<std::string>& notes) {
  const fs::path clean = root / (name + "-clean"), other = root / (name + "-other");
  if (fs::is_directory(clean)) {
    parts.push_back({clean, split});
  } else if (fs::is_directory(other)) {
    parts.push_back({other, split});
    notes.push_back(fmt::format("{} is absent: {} takes its place", clean.string(), other.filename().string()));
  }
}

/// What is there to train on, and beside it the parts to validate and test on. Without a train-*, all other parts are
/// there to train on.
std::vector<Part> find_parts(const DataOptions& options, std::vector<std::string>& notes, bool& complete) {
  const fs::path root = options.data_dir;
  std::vector<Part> parts;
  for (const fs::path& folder : parts_of(root, "train-")) parts.push_back({folder, Split::train});
  complete = !parts.empty();
  if (complete) {
    append_held_out(root, "dev", Split::valid, parts, notes);
    append_held_out(root, "test", Split::test, parts, notes);
    return parts;
  }
  for (const char* prefix : {"dev-", "test-"}) {
    for (const fs::path& folder : parts_of(root, prefix)) parts.push_back({folder, Split::train});
  }
  const std::string found = fmt::format("{}: expected {}, found {}", root.string(), kExpected, describe_contents(root));
  if (parts.empty()) fail("{}", found);
  report_gap(found, options.allow_missing, notes);
  return parts;
}

std::string speaker_of(const Example& example) { return example.speaker; }

}  // namespace

Dataset read_librispeech(const DataOptions& options, const std::string& task) {
  Dataset data;
  bool complete = true;
  Transcripts transcripts;
  for (const Part& part : find_parts(options, data.notes, complete)) {
    append_clips(part.folder, !has_transcripts(task), examples_of(data, part.split));
    if (has_transcripts(task)) append_transcripts(part.folder, transcripts);
  }
  if (has_transcripts(task)) transcripts.apply(data, stem_of, options.data_dir, options.allow_missing);
  // Whom the model is to recognise it must have heard: only training speakers.
  const bool closed_set = task == "speaker";
  if (closed_set) data.valid = data.test = {};
  if (closed_set || !complete) {
    draw_splits_for(task, data, std::exchange(data.train, {}), speaker_of, options.split_seed);
  } else {
    draw_valid_for(task, data, speaker_of, options.split_seed);
  }
  return data;
}

}  // namespace sure
