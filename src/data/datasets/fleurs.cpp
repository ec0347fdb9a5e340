// FLEURS (Conneau et al. 2022): <language>/{train,dev,test}.tsv without a header, and the clips in
// <language>/audio/{train,dev,test}/. Quotes there are letters like others. It does not say who
// speaks.
#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/language_folder.h"
#include "data/listings.h"
#include "data/splits.h"
#include "text/text_lines.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

// Columns. The sentence id repeats: several people read each sentence; the file name does not. `transcription` is the
// text in lower case without punctuation.
enum Column { kSentence, kFileName, kRawTranscription, kTranscription, kCharacters, kSamples, kGender, kColumns };

const LanguageLayout kLayout = {{"data"}, {"train.tsv", "dev.tsv", "test.tsv"}, "en_us"};

/// Clips of different parts may share a name: "train/123.wav" -> "train/123".
std::string id_of(const fs::path& clip) { return (clip.parent_path().filename() / clip.stem()).string(); }

void append_transcripts(const fs::path& list, Transcripts& transcripts) {
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
    transcripts.add(id_of(list.stem() / fields[kFileName]), fields[kTranscription], where);
  }
}

}  // namespace

Utterances read_fleurs(const DataOptions& options, const Wanted& /*wanted*/) {
  Utterances data;
  const fs::path root = find_language_folder(options.data_dir, kLayout, data);
  Transcripts transcripts;
  for (const auto& [list, split] : lists_in(root, kLayout, options.allow_missing, data.notes)) {
    append_transcripts(list, transcripts);
    for (const fs::path& clip : audio_files_in(root / "audio" / list.stem())) {
      examples_of(data, split).push_back({.path = clip});
    }
  }
  transcripts.apply(data, id_of, root.string(), options.allow_missing);
  return data;
}

}  // namespace sure
