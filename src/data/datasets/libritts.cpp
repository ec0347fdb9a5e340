// LibriTTS and LibriTTS-R (Zen et al. 2019; Koizumi et al. 2023): {train,dev,test}-*/<speaker>/<chapter>/<id>.wav with
// its text, numbers written out, in <id>.normalized.txt. No speaker is in two of its parts.
#include <algorithm>

#include "core/atomic_file.h"
#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/listings.h"
#include "data/speaker_chapters.h"
#include "data/splits.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kText = ".normalized.txt";

/// By the start of their names.
constexpr SplitName kParts[] = {{"train-", Split::train}, {"dev-", Split::valid}, {"test-", Split::test}};

void append_transcripts(const fs::path& chapter, Transcripts& transcripts) {
  for (const fs::path& file : files_in(chapter, ".txt")) {
    const std::string name = file.filename().string();
    if (!name.ends_with(kText)) continue;
    transcripts.add(name.substr(0, name.size() - kText.size()), read_file(file), file.string());
  }
}

std::vector<Utterance> read_part(const fs::path& part, bool transcribed, Transcripts& transcripts) {
  return read_chapters(part, [&](const fs::path& chapter) {
    if (transcribed) append_transcripts(chapter, transcripts);
  });
}

/// dev-clean and dev-other are one split here: both are read clearly enough to speak like them.
bool read_parts(const fs::path& root, bool transcribed, Utterances& data, Transcripts& transcripts) {
  bool any = false;
  for (const fs::path& folder : folders_in(root)) {
    const std::string name = folder.filename().string();
    const auto part = std::find_if(std::begin(kParts), std::end(kParts),
                                   [&](const SplitName& known) { return name.starts_with(known.name); });
    if (part == std::end(kParts)) continue;
    any = true;
    data.own_names[name] = part->split;
    append(examples_of(data, part->split), read_part(folder, transcribed, transcripts));
  }
  return any;
}

}  // namespace

Utterances read_libritts(const DataOptions& options, const Wanted& wanted) {
  const fs::path root = options.data_dir;
  const bool transcribed = is_transcript(wanted.field);
  Utterances data;
  Transcripts transcripts;
  if (!read_parts(root, transcribed, data, transcripts)) {
    fail("{}: expected train-clean-100 (or another train-*), dev-clean and test-clean, found {}", root.string(),
         describe_contents(root));
  }
  if (transcribed) transcripts.apply(data, stem_of, options.data_dir, options.allow_missing);
  return data;
}

}  // namespace sure
