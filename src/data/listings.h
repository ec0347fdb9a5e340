// The lists in a corpus: clips and transcripts by name, and the reports on entries and clips without a partner.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace sure {

/// Reports a lack of the corpus: throws an Error that points to --allow_missing, or leaves a note.
void report_gap(const std::string& found, bool allow_missing, std::vector<std::string>& notes);

/// Files that a corpus' list names and the disk lacks. Throws Error with their number and an example, or leaves a note
/// when `allow_missing`.
void report_missing(const std::vector<std::string>& missing, size_t listed, const std::filesystem::path& list_file,
                    bool allow_missing, std::vector<std::string>& notes);

/// Clips that a list names: those on disk are taken, the others are counted.
class ListedClips {
 public:
  /// `list` is the file that names the clips, for messages.
  ListedClips(std::filesystem::path list, Field wanted) : list_(std::move(list)), wanted_(wanted) {}

  /// The audio file with the name of `listed` and any audio extension: a list names .wav files, a copy of the corpus
  /// may hold another format. Throws Error when its folder cannot be listed.
  std::optional<std::filesystem::path> find(const std::filesystem::path& listed);

  /// Appends the clip of one row, with the path that `find` has for it. Missing files and blank wanted fields are
  /// counted.
  void add(std::vector<Utterance>& part, Utterance clip);

  /// Notes the clips that `add` left out. Throws Error when files are missing, unless `allow_missing`.
  void report(bool allow_missing, std::vector<std::string>& notes) const;

 private:
  using FilesByStem = std::map<std::string, std::filesystem::path>;

  std::filesystem::path list_;
  Field wanted_;
  std::map<std::filesystem::path, FilesByStem> folders_;
  size_t listed_ = 0;
  std::vector<std::string> missing_;
  std::vector<std::string> blank_;
};

/// The id under which a clip's transcript was added.
using ClipId = std::function<std::string(const std::filesystem::path& clip)>;

/// The file name without its extension.
std::string stem_of(const std::filesystem::path& clip);

/// Texts by clip id.
class Transcripts {
 public:
  /// `where` ("file:line") leads messages: Error for bytes that are not UTF-8 and for an id that is already there with
  /// another text.
  void add(const std::string& id, std::string_view text, const std::string& where);

  /// Makes the transcripts the texts of `data`'s clips. Clips with an empty one are dropped and noted. Clips without
  /// one and transcripts without a clip are an Error that names one of them, or dropped and noted when `allow_missing`.
  /// Error also for two clips with the same id. `corpus` leads messages.
  void apply(Utterances& data, const ClipId& id_of, const std::string& corpus, bool allow_missing);

 private:
  struct Entry {
    std::string text;
    std::filesystem::path clip;  // empty until found
  };

  /// The entry of a clip, which is marked as found; null where there is none.
  const Entry* find(const std::string& id, const std::filesystem::path& clip);

  std::map<std::string, Entry> entries_;
};

}  // namespace sure
