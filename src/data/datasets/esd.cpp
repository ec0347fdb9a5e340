// Emotional Speech Database (Zhou et al. 2021): <speaker>/<Emotion>/{train,evaluation,test}/*.wav, speakers 0011-0020
// speak English.
#include <algorithm>

#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/splits.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

const std::vector<std::string> kEmotions = {"Angry", "Happy", "Neutral", "Surprise", "Sad"};

struct Part {
  const char* folder;
  Split split;
};
constexpr Part kParts[] = {{"train", Split::train}, {"evaluation", Split::valid}, {"test", Split::test}};

bool is_speaker_folder(const fs::path& folder) {
  return std::any_of(kEmotions.begin(), kEmotions.end(),
                     [&](const std::string& emotion) { return fs::is_directory(folder / emotion); });
}

bool speaks_english(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return name >= "0011" && name <= "0020";
}

std::vector<fs::path> speaker_folders(const DataOptions& options) {
  std::vector<fs::path> folders = folders_in(options.data_dir);
  std::erase_if(folders, [](const fs::path& folder) { return !is_speaker_folder(folder); });
  if (folders.empty()) {
    fail("{}: expected <speaker>/<Emotion>/{{train,evaluation,test}}/*.wav with emotions {}, found {}",
         options.data_dir, fmt::join(kEmotions, ", "), describe_contents(options.data_dir));
  }
  return folders;
}

void keep_english_speakers(std::vector<fs::path>& folders, std::vector<std::string>& notes) {
  if (std::none_of(folders.begin(), folders.end(), speaks_english)) {
    notes.push_back("none of ESD's speakers 0011 to 0020 is here: all speakers are used");
    return;
  }
  std::erase_if(folders, [](const fs::path& folder) { return !speaks_english(folder); });
}

}  // namespace

Dataset read_esd(const DataOptions& options, const std::string& task) {
  Dataset data;
  std::vector<fs::path> speakers = speaker_folders(options);
  const bool emotion_task = task == "emotion";
  if (!emotion_task) keep_english_speakers(speakers, data.notes);
  for (const fs::path& speaker : speakers) {
    const std::string name = speaker.filename().string();
    for (const std::string& emotion : kEmotions) {
      for (const Part& part : kParts) {
        const fs::path folder = speaker / emotion / part.folder;
        const std::vector<fs::path> clips = audio_files_in(folder);
        if (clips.empty()) {
          fail("{}: expected audio files, found {}", folder.string(),
               fs::exists(folder) ? describe_contents(folder) : "no such folder");
        }
        for (const fs::path& clip : clips) {
          examples_of(data, part.split).push_back({clip, emotion_task ? emotion : name, name});
        }
      }
    }
  }
  if (emotion_task) data.labels = kEmotions;
  return data;
}

}  // namespace sure
