// FLEURS (Conneau et al. 2022): <language>/{train,dev,test}.tsv without a header, and the clips in
// <language>/audio/{train,dev,test}/. Quotes there are letters like others. It does not say who
// speaks.
#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/fields.h"
#include "data/language_folder.h"
#include "data/splits.h"
#include "data/transcripts.h"
#include "text/text_lines.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

// Columns. The sentence id repeats: several people read each sentence; the file name does not. `transcription` is the
// text in lower case without punctuation.
enum Column { kSentence, kFileName, kRawTranscription, kTranscription, kCharacters, kSamples, kGender, kColumns };

constexpr const char* kParts[] = {"train", "dev", "test"};

const LanguageLayout kLayout = {{"data"}, {"train.tsv", "dev.tsv", "test.tsv"}, "en_us"};

/// Clips of different parts may share a name: "train/123.wav" -> "train/123".
std::string id_of(const fs::path& clip) { return (clip.parent_path().filename() / clip.stem()).string(); }

void append_transcripts(const fs::path& list, const std::string& part, Transcripts& transcripts) {
  TextLines lines(list);
  while (lines.next()) {
    const std::string where = lines.where();
    const std::vector<std::string_view> fields = split_fields(lines.line(), '\t');
    if (fields.size() != kColumns) {
      fail(
          "{}: {} fields, expected {} separated by tabs: id, file name, raw transcription, transcription, characters, "
          "samples, gender",
          where, fields.size(), static_cast<int>(kColumns));
    }
    transcripts.add(id_of(fs::path(part) / fields[kFileName]), fields[kTranscription], where);
  }
}

}  // namespace

Dataset read_fleurs(const DataOptions& options, const std::string& task) {
  Dataset data;
  data.spread_by = spread_for(task, target_of);
  const fs::path root = find_language_folder(options.data_dir, kLayout, data);
  Transcripts transcripts;
  for (const std::string part : kParts) {
    const fs::path list = root / (part + ".tsv");
    if (!fs::exists(list)) {
      report_gap(fmt::format("{}: expected this list of clips, found {}", list.string(), describe_contents(root)),
                 options.allow_missing, data.notes);
      continue;
    }
    append_transcripts(list, part, transcripts);
    for (const fs::path& clip : audio_files_in(root / "audio" / part)) {
      examples_of(data, *find_split(part)).push_back({clip, "", ""});
    }
  }
  transcripts.apply(data, id_of, root.string(), options.allow_missing);
  return data;
}

}  // namespace sure
