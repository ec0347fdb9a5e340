// LibriSpeech (Panayotov et al. 2015): {train,dev,test}-*/<speaker>/<chapter>/*.flac with the upper-case text of each
// in <speaker>-<chapter>.trans.txt. No speaker is in two of its parts. dev-other and test-other are parts of their own.
#include <algorithm>

#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/listings.h"
#include "data/speaker_chapters.h"
#include "data/splits.h"
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

void append_transcripts(const fs::path& chapter, Transcripts& transcripts) {
  const std::string speaker = chapter.parent_path().filename().string();
  const fs::path file = chapter / fmt::format("{}-{}.trans.txt", speaker, chapter.filename().string());
  if (!fs::exists(file)) return;
  TextLines lines(file);
  while (lines.next()) {
    const std::string_view line = lines.line();
    const size_t space = std::min(line.find(' '), line.size());
    transcripts.add(std::string(line.substr(0, space)), line.substr(space), lines.where());
  }
}

std::vector<Utterance> read_part(const fs::path& part, bool transcribed, Transcripts& transcripts) {
  return read_chapters(part, [&](const fs::path& chapter) {
    if (transcribed) append_transcripts(chapter, transcripts);
  });
}

/// NAME-clean is the split; NAME-other is a part of its own, and the split where only that is there, with a note.
void read_held_out(const fs::path& root, const std::string& name, Split split, bool transcribed, Utterances& data,
                   Transcripts& transcripts) {
  const std::string clean = name + "-clean", other = name + "-other";
  const bool has_clean = fs::is_directory(root / clean), has_other = fs::is_directory(root / other);
  if (!has_clean && !has_other) return;
  const std::string chosen = has_clean ? clean : other;
  examples_of(data, split) = read_part(root / chosen, transcribed, transcripts);
  data.own_names[chosen] = split;
  if (has_clean && has_other) data.further.push_back({other, read_part(root / other, transcribed, transcripts)});
  if (!has_clean) data.notes.push_back(fmt::format("{} is absent: {} takes its place", (root / clean).string(), other));
}

}  // namespace

Utterances read_librispeech(const DataOptions& options, const Wanted& wanted) {
  const fs::path root = options.data_dir;
  const bool transcribed = is_transcript(wanted.field);
  Utterances data;
  Transcripts transcripts;
  for (const fs::path& part : parts_of(root, "train-")) append(data.train, read_part(part, transcribed, transcripts));
  read_held_out(root, "dev", Split::valid, transcribed, data, transcripts);
  read_held_out(root, "test", Split::test, transcribed, data, transcripts);
  if (data.train.empty() && data.own_names.empty()) {
    fail("{}: expected {}, found {}", root.string(), kExpected, describe_contents(root));
  }
  if (transcribed) transcripts.apply(data, stem_of, options.data_dir, options.allow_missing);
  return data;
}

}  // namespace sure
