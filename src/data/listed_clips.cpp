#include "data/listed_clips.h"

#include "audio/audio_formats.h"
#include "core/error.h"
#include "data/audio_files.h"

namespace sure {

namespace fs = std::filesystem;

std::optional<fs::path> ListedClips::find(const fs::path& listed) {
  const auto [folder, is_new] = folders_.try_emplace(listed.parent_path());
  if (is_new) {
    for (const fs::path& file : audio_files_in(folder->first)) {
      const auto [known, first] = folder->second.emplace(file.stem().string(), file);
      // Beside a video lies the sound that somebody took out of it.
      if (!first && is_sndfile_name(file) && is_ffmpeg_name(known->second)) known->second = file;
    }
  }
  const auto file = folder->second.find(listed.stem().string());
  return file == folder->second.end() ? std::nullopt : std::optional(file->second);
}

void ListedClips::add(std::vector<Example>& part, Example example) {
  ++listed_;
  std::optional<fs::path> file = find(example.path);
  if (!file) {
    missing_.push_back(example.path.string());
  } else if (example.target.find_first_not_of(" \t") == std::string::npos) {
    blank_.push_back(example.path.string());
  } else {
    example.path = std::move(*file);
    part.push_back(std::move(example));
  }
}

void ListedClips::report(bool allow_missing, std::vector<std::string>& notes) const {
  report_missing(missing_, listed_, list_, allow_missing, notes);
  if (blank_.empty()) return;
  notes.push_back(fmt::format("{}: {} of {} clips have an empty transcript and are left out, e.g. {}", list_.string(),
                              blank_.size(), listed_, blank_.front()));
}

}  // namespace sure
