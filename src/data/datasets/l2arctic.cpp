// L2-ARCTIC (Zhao et al. 2018), and CMU ARCTIC in the same folders: <speaker>/wav/<id>.wav and
// <speaker>/transcript/<id>.txt. All speakers read the same sentences; it defines no splits.
#include "core/atomic_file.h"
#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/listings.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

/// "ABA/arctic_a0001" of ABA/wav/arctic_a0001.wav and of ABA/transcript/arctic_a0001.txt.
std::string id_of(const fs::path& file) { return (file.parent_path().parent_path().filename() / file.stem()).string(); }

void read_speaker(const fs::path& folder, bool transcribed, Utterances& data, Transcripts& transcripts) {
  for (const fs::path& file : audio_files_in(folder / "wav")) {
    data.unsplit.push_back({.path = file, .speaker = folder.filename().string()});
  }
  if (!transcribed || !fs::is_directory(folder / "transcript")) return;
  for (const fs::path& file : files_in(folder / "transcript", ".txt")) {
    transcripts.add(id_of(file), read_file(file), file.string());
  }
}

}  // namespace

Utterances read_l2arctic(const DataOptions& options, const Wanted& wanted) {
  const fs::path root = options.data_dir;
  const bool transcribed = is_transcript(wanted.field);
  Utterances data;
  Transcripts transcripts;
  for (const fs::path& speaker : folders_in(root)) {
    // Each speaker's archive holds a folder of its name once more.
    const fs::path inner = speaker / speaker.filename();
    read_speaker(fs::is_directory(inner) ? inner : speaker, transcribed, data, transcripts);
  }
  if (data.unsplit.empty()) {
    fail("{}: expected <speaker>/wav/*.wav and <speaker>/transcript/*.txt, found {}", root.string(),
         describe_contents(root));
  }
  if (transcribed) transcripts.apply(data, id_of, root.string(), options.allow_missing);
  return data;
}

}  // namespace sure
