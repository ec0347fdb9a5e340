// MELD (Poria et al. 2019), dialogues of a television series: {train,dev,test}_sent_emo.csv with one row per utterance,
// whose audio is diaX_uttY.wav in a folder of its part. MELD.Raw has videos, of which the audio is to be extracted.
#include <algorithm>

#include "core/atomic_file.h"
#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/listings.h"
#include "data/records.h"
#include "data/splits.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

const std::vector<std::string> kEmotions = {"neutral", "joy", "sadness", "anger", "surprise", "fear", "disgust"};

struct Part {
  std::string name;
  Split split;
  std::string videos;  // their folder in MELD.Raw, at the top or in a folder `name`
  /// Absent or unreadable in MELD.Raw itself (issues 27 and 39 of declare-lab/MELD).
  std::string unpublished;
};
const std::vector<Part> kParts = {{"train", Split::train, "train_splits", "dia125_utt3"},
                                  {"dev", Split::valid, "dev_splits_complete", "dia110_utt7"},
                                  {"test", Split::test, "output_repeated_splits_test", ""}};

fs::path find_list(const fs::path& root, const Part& part) {
  const std::string name = part.name + "_sent_emo.csv";
  for (const fs::path& list : {root / name, root / part.name / name}) {
    if (fs::is_regular_file(list)) return list;
  }
  fail("{}: expected {{train,dev,test}}_sent_emo.csv and {{train,dev,test}}/diaX_uttY.wav, found {}", root.string(),
       describe_contents(root));
}

fs::path find_clips(const fs::path& root, const Part& part) {
  const fs::path folders[] = {root / part.name, root / part.videos, root / part.name / part.videos};
  for (const fs::path& folder : folders) {
    const std::vector<fs::path> files = audio_files_in(folder);
    if (std::any_of(files.begin(), files.end(), is_readable_audio)) return folder;
  }
  for (const fs::path& folder : folders) {
    if (files_in(folder, ".mp4").empty()) continue;
    fail(
        "{0}: expected diaX_uttY.wav, found videos only; install ffmpeg, or extract their audio with: for f in "
        "'{0}'/*.mp4; do ffmpeg "
        "-nostdin -i \"$f\" -vn -ac 1 -ar 16000 \"${{f%.mp4}}.wav\"; done",
        folder.string());
  }
  fail("{}: expected diaX_uttY.wav in one of {}, {} and {}, found none", root.string(), part.name, part.videos,
       part.name + "/" + part.videos);
}

std::string emotion(const Record& row, const std::string& list) {
  const std::string& name = required_field(row, "Emotion", list);
  if (std::find(kEmotions.begin(), kEmotions.end(), name) == kEmotions.end()) {
    fail("{}:{}: unknown emotion '{}', expected one of {}", list, row.line, name, fmt::join(kEmotions, ", "));
  }
  return name;
}

}  // namespace

Utterances read_meld(const DataOptions& options, const Wanted& wanted) {
  const bool told = wanted.field == Field::emotion;  // else the column need not be there
  Utterances data;
  data.classes = {Field::emotion, kEmotions};
  for (const Part& part : kParts) {
    const fs::path list = find_list(options.data_dir, part);
    const fs::path folder = find_clips(options.data_dir, part);
    const std::string source = list.string();
    ListedClips clips(list, wanted.field);
    for (const Record& row : parse_csv(read_file(list), source)) {
      const std::string name = fmt::format("dia{}_utt{}", required_field(row, "Dialogue_ID", source),
                                           required_field(row, "Utterance_ID", source));
      const fs::path clip = folder / (name + ".wav");
      if (name == part.unpublished && !clips.find(clip)) {
        data.notes.push_back(fmt::format("{}: {} is left out, which MELD lists but did not publish", source, name));
        continue;
      }
      clips.add(examples_of(data, part.split), {.path = clip,
                                                .text = told ? "" : field(row, "Utterance", source),
                                                .emotion = told ? emotion(row, source) : "",
                                                .speaker = required_field(row, "Speaker", source)});
    }
    clips.report(options.allow_missing, data.notes);
  }
  return data;
}

}  // namespace sure
