#include "data/listings.h"

#include "audio/audio_formats.h"
#include "core/error.h"
#include "data/audio_files.h"
#include "text/text_lines.h"
#include "text/utf8.h"

namespace sure {

namespace fs = std::filesystem;

void report_gap(const std::string& found, bool allow_missing, std::vector<std::string>& notes) {
  if (!allow_missing) fail("{}; --allow_missing to go on", found);
  notes.push_back(found);
}

void report_missing(const std::vector<std::string>& missing, size_t listed, const fs::path& list_file,
                    bool allow_missing, std::vector<std::string>& notes) {
  if (missing.empty()) return;
  report_gap(fmt::format("{}: {} of {} listed files are missing, e.g. {}", list_file.string(), missing.size(), listed,
                         missing.front()),
             allow_missing, notes);
}

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

void ListedClips::add(std::vector<Utterance>& part, Utterance clip) {
  ++listed_;
  std::optional<fs::path> file = find(clip.path);
  if (!file) {
    missing_.push_back(clip.path.string());
  } else if (value_of(clip, wanted_).find_first_not_of(" \t") == std::string::npos) {
    blank_.push_back(clip.path.string());
  } else {
    clip.path = std::move(*file);
    part.push_back(std::move(clip));
  }
}

void ListedClips::report(bool allow_missing, std::vector<std::string>& notes) const {
  report_missing(missing_, listed_, list_, allow_missing, notes);
  if (blank_.empty()) return;
  notes.push_back(fmt::format("{}: {} of {} clips have an empty transcript and are left out, e.g. {}", list_.string(),
                              blank_.size(), listed_, blank_.front()));
}

std::string stem_of(const fs::path& clip) { return clip.stem().string(); }

void Transcripts::add(const std::string& id, std::string_view text, const std::string& where) {
  if (!is_utf8(id) || !is_utf8(text)) fail("{}: bytes that are not UTF-8, expected UTF-8 text", where);
  const std::string trimmed = trim(text);
  const auto [entry, is_new] = entries_.emplace(id, Entry{trimmed, {}});
  if (!is_new && entry->second.text != trimmed) {
    fail("{}: '{}' is there twice, with different transcripts; remove one", where, id);
  }
}

const Transcripts::Entry* Transcripts::find(const std::string& id, const fs::path& clip) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return nullptr;
  Entry& entry = found->second;
  if (!entry.clip.empty()) {
    fail("{}: a second recording of '{}', the other is {}; remove one", clip.string(), id, entry.clip.string());
  }
  entry.clip = clip;
  return &entry;
}

void Transcripts::apply(Utterances& data, const ClipId& id_of, const std::string& corpus, bool allow_missing) {
  std::vector<std::string> without, empty;
  size_t clips = 0;
  for (std::vector<Utterance>* part : all_parts(data)) {
    std::vector<Utterance> kept;
    for (Utterance& clip : *part) {
      ++clips;
      const Entry* entry = find(id_of(clip.path), clip.path);
      if (entry == nullptr || entry->text.empty()) {
        (entry == nullptr ? without : empty).push_back(clip.path.string());
        continue;
      }
      clip.text = entry->text;
      kept.push_back(std::move(clip));
    }
    *part = std::move(kept);
  }
  std::vector<std::string> without_recording;
  for (const auto& [id, entry] : entries_) {
    if (entry.clip.empty()) without_recording.push_back(id);
  }
  const auto report = [&](const std::vector<std::string>& names, size_t of, std::string_view what) {
    if (names.empty()) return;
    report_gap(fmt::format("{}: {} of {} {}, e.g. {}", corpus, names.size(), of, what, names.front()), allow_missing,
               data.notes);
  };
  report(without, clips, "recordings have no transcript");
  report(without_recording, entries_.size(), "transcripts have no recording");
  if (!empty.empty()) {
    data.notes.push_back(fmt::format("{}: {} clips with an empty transcript are left out, e.g. {}", corpus,
                                     empty.size(), empty.front()));
  }
}

}  // namespace sure
