#include "data/transcripts.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "data/audio_files.h"
#include "text/utf8.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n\f\v";

}  // namespace

bool has_transcripts(std::string_view task) {
  constexpr std::array<std::string_view, 3> kTasks = {"asr", "phoneme", "slot"};
  return std::find(kTasks.begin(), kTasks.end(), task) != kTasks.end();
}

std::string trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(kWhiteSpace) + 1 - begin));
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

void Transcripts::apply(Dataset& data, const ClipId& id_of, const std::string& corpus, bool allow_missing) {
  std::vector<std::string> without, empty;
  size_t clips = 0;
  for (std::vector<Example>* part : all_parts(data)) {
    std::vector<Example> kept;
    for (Example& example : *part) {
      ++clips;
      const Entry* entry = find(id_of(example.path), example.path);
      if (entry == nullptr || entry->text.empty()) {
        (entry == nullptr ? without : empty).push_back(example.path.string());
        continue;
      }
      example.target = entry->text;
      kept.push_back(std::move(example));
    }
    *part = std::move(kept);
  }
  std::vector<std::string> unspoken;
  for (const auto& [id, entry] : entries_) {
    if (entry.clip.empty()) unspoken.push_back(id);
  }
  const auto report = [&](const std::vector<std::string>& names, size_t of, std::string_view what) {
    if (names.empty()) return;
    report_gap(fmt::format("{}: {} of {} {}, e.g. {}", corpus, names.size(), of, what, names.front()), allow_missing,
               data.notes);
  };
  report(without, clips, "recordings have no transcript");
  report(unspoken, entries_.size(), "transcripts have no recording");
  if (!empty.empty()) {
    data.notes.push_back(fmt::format("{}: {} clips with an empty transcript are left out, e.g. {}", corpus,
                                     empty.size(), empty.front()));
  }
}

}  // namespace sure
