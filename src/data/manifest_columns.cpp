#include "data/manifest_columns.h"

#include <algorithm>

#include "core/error.h"
#include "text/utf8.h"

namespace sure {

namespace {

struct Column {
  std::string ours;
  std::vector<std::string> others;
};

const std::vector<Column> kColumns = {
    {"path",
     {"file_name", "file", "file_path", "audio_filepath", "audio_path", "audio_file", "audio", "wav", "wav_path",
      "wav_file", "wav_filename", "clip", "recording"}},
    {"text", {"transcription", "transcript", "sentence", "normalized_text", "utterance"}},
    {"label", {"class", "emotion", "category", "keyword", "class_name", "label_name"}},
    {"speaker", {"speaker_id", "client_id", "spk", "spk_id", "speaker_name"}},
    {"split", {"subset", "set", "partition"}},
    {"phonemes", {"phones"}},
    {"action", {}},
    {"object", {}},
    {"location", {}},
};

/// In lower case and without what stands between words: "AudioPath", "audio-path" and "audio_path" are one name.
std::string folded(const std::string& name) {
  std::string plain = is_utf8(name) ? lower_case(name) : name;
  std::erase_if(plain, [](char c) { return c == '_' || c == '-' || c == ' '; });
  return plain;
}

const Column* find_column(const std::string& ours) {
  const auto found = std::find_if(kColumns.begin(), kColumns.end(), [&](const Column& c) { return c.ours == ours; });
  return found == kColumns.end() ? nullptr : &*found;
}

std::vector<std::string> our_names() {
  std::vector<std::string> names;
  for (const Column& column : kColumns) names.push_back(column.ours);
  return names;
}

/// The columns that could be ours: one of our very name alone, else all of its names.
std::vector<std::string> candidates(const Column& column, const std::vector<std::string>& columns) {
  std::vector<std::string> found;
  for (const std::string& theirs : columns) {
    if (theirs == column.ours) return {theirs};
    const auto means_it = [&](const std::string& name) { return folded(name) == folded(theirs); };
    if (means_it(column.ours) || std::any_of(column.others.begin(), column.others.end(), means_it)) {
      found.push_back(theirs);
    }
  }
  return found;
}

}  // namespace

ManifestColumns::ManifestColumns(const std::vector<std::string>& columns, const std::vector<std::string>& named,
                                 const std::string& source)
    : source_(source) {
  std::map<std::string, std::vector<std::string>> chosen;
  std::vector<std::string> free = columns;
  for (const std::string& pair : named) {
    const size_t equals = pair.find('=');
    const std::string ours = pair.substr(0, equals);
    if (equals == std::string::npos || find_column(ours) == nullptr) {
      fail_usage("--column '{}': expected NAME=THEIR_NAME with a NAME of {}", pair, fmt::join(our_names(), ", "));
    }
    const std::string theirs = pair.substr(equals + 1);
    if (std::find(columns.begin(), columns.end(), theirs) == columns.end()) {
      fail_usage("--column {}: {} has no column '{}', but {}", pair, source, theirs, fmt::join(columns, ", "));
    }
    chosen[ours] = {theirs};
    std::erase(free, theirs);
  }
  for (const Column& column : kColumns) {
    std::vector<std::string> found = candidates(column, free);
    if (!found.empty()) theirs_[column.ours] = std::move(found);
  }
  for (auto& [ours, theirs] : chosen) theirs_[ours] = std::move(theirs);
}

const std::string& ManifestColumns::theirs(const std::string& ours) const {
  const auto found = theirs_.find(ours);
  if (found == theirs_.end()) return ours;
  const std::vector<std::string>& names = found->second;
  if (names.size() == 1) return names.front();
  fail("{}: the columns {} could all be '{}'; say which with --column {}={}", source_, fmt::join(names, ", "), ours,
       ours, names.front());
}

std::string describe_column(const std::string& ours) {
  const Column* column = find_column(ours);
  if (column == nullptr || column->others.empty()) return ours;
  return fmt::format("{} (or {}, …)", ours, column->others.front());
}

}  // namespace sure
