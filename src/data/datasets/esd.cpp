// Emotional Speech Database (Zhou et al. 2021): <speaker>/<Emotion>/{train,evaluation,test}/*.wav, and what is said in
// <speaker>/<speaker>.txt: id, text, emotion, separated by tabs. Speakers 0011-0020 speak English.
#include <algorithm>

#include "core/atomic_file.h"
#include "core/error.h"
#include "data/audio_files.h"
#include "data/datasets/readers.h"
#include "data/listings.h"
#include "data/splits.h"
#include "text/encoding.h"
#include "text/text_lines.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

const std::vector<std::string> kEmotions = {"Angry", "Happy", "Neutral", "Surprise", "Sad"};

constexpr SplitName kParts[] = {{"train", Split::train}, {"evaluation", Split::valid}, {"test", Split::test}};

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

void append_clips(const fs::path& speaker, Utterances& data) {
  const std::string name = speaker.filename().string();
  for (const std::string& emotion : kEmotions) {
    for (const SplitName& part : kParts) {
      const fs::path folder = speaker / emotion / part.name;
      const std::vector<fs::path> clips = audio_files_in(folder);
      if (clips.empty()) {
        fail("{}: expected audio files, found {}", folder.string(),
             fs::exists(folder) ? describe_contents(folder) : "no such folder");
      }
      for (const fs::path& clip : clips) {
        examples_of(data, part.split).push_back({.path = clip, .emotion = emotion, .speaker = name});
      }
    }
  }
}

/// Appends the texts of <speaker>.txt. The corpus has lines without their tabs: `unreadable` names them.
void append_transcripts(const fs::path& speaker, Transcripts& transcripts, std::vector<std::string>& unreadable) {
  const fs::path file = speaker / (speaker.filename().string() + ".txt");
  if (!fs::exists(file)) return;
  TextLines lines(to_utf8(read_file(file), file.string()), file.string());
  while (lines.next()) {
    const std::string_view line = lines.line();
    const size_t first = line.find('\t'), last = line.rfind('\t');
    if (first == last) {
      unreadable.push_back(lines.where());
    } else {
      transcripts.add(trim(line.substr(0, first)), line.substr(first + 1, last - first - 1), lines.where());
    }
  }
}

void apply_transcripts(const std::vector<fs::path>& speakers, const DataOptions& options, Utterances& data) {
  Transcripts transcripts;
  std::vector<std::string> unreadable;
  for (const fs::path& speaker : speakers) append_transcripts(speaker, transcripts, unreadable);
  if (!unreadable.empty()) {
    report_gap(fmt::format("{}: expected id, text and emotion separated by tabs; {} such lines in all",
                           unreadable.front(), unreadable.size()),
               options.allow_missing, data.notes);
  }
  transcripts.apply(data, stem_of, options.data_dir, options.allow_missing);
}

}  // namespace

Utterances read_esd(const DataOptions& options, const Wanted& wanted) {
  Utterances data;
  std::vector<fs::path> speakers = speaker_folders(options);
  data.classes = {Field::emotion, kEmotions};
  if (wanted.field != Field::emotion) keep_english_speakers(speakers, data.notes);
  for (const fs::path& speaker : speakers) append_clips(speaker, data);
  if (is_transcript(wanted.field)) apply_transcripts(speakers, options, data);
  return data;
}

}  // namespace sure
