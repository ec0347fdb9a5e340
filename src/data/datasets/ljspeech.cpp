// LJ Speech (Ito and Johnson 2017): metadata.csv with id|text|text with numbers written out, wavs/<id>.wav, one
// speaker. It defines no splits.
#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/listings.h"
#include "text/text_lines.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSpeaker = "LJ";

enum Column { kId, kText, kReadAloud, kColumns };

}  // namespace

Utterances read_ljspeech(const DataOptions& options, const Wanted& wanted) {
  const fs::path root = options.data_dir;
  const fs::path list = root / "metadata.csv";
  if (!fs::exists(list)) {
    fail("{}: expected metadata.csv and wavs/*.wav, found {}", root.string(), describe_contents(root));
  }
  Utterances data;
  ListedClips clips(list, wanted.field);
  TextLines lines(list);
  while (lines.next()) {
    const std::vector<std::string_view> fields = split_fields(lines.line(), '|');
    if (fields.size() < 2 || fields.size() > kColumns) {
      fail("{}: {} fields, expected {} separated by |: id, text, text read aloud", lines.where(), fields.size(),
           static_cast<int>(kColumns));
    }
    Utterance clip = {.path = root / "wavs" / (std::string(fields[kId]) + ".wav"), .speaker = kSpeaker};
    clip.text = trim(fields.size() == kColumns ? fields[kReadAloud] : fields[kText]);
    clips.add(data.unsplit, std::move(clip));
  }
  clips.report(options.allow_missing, data.notes);
  return data;
}

}  // namespace sure
