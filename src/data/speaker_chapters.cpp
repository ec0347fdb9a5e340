#include "data/speaker_chapters.h"

#include "data/audio_files.h"

namespace sure {

namespace fs = std::filesystem;

std::vector<Utterance> read_chapters(const fs::path& part, const std::function<void(const fs::path& chapter)>& see) {
  std::vector<Utterance> clips;
  for (const fs::path& speaker : folders_in(part)) {
    for (const fs::path& chapter : folders_in(speaker)) {
      for (const fs::path& file : audio_files_in(chapter)) {
        clips.push_back({.path = file, .speaker = speaker.filename().string()});
      }
      see(chapter);
    }
  }
  return clips;
}

}  // namespace sure
