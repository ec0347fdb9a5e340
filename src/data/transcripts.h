// What was said in the clips of a corpus: texts by clip id, and what becomes of clips and texts without a partner.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace sure {

/// Whether a task's targets are transcripts (asr, phoneme, slot) rather than names of classes.
bool has_transcripts(std::string_view task);

/// `text` without white space around it.
std::string trim(std::string_view text);

/// The id under which a clip's transcript was added.
using ClipId = std::function<std::string(const std::filesystem::path& clip)>;

/// The file name without its extension.
std::string stem_of(const std::filesystem::path& clip);

class Transcripts {
 public:
  /// `where` ("file:line") leads messages: Error for bytes that are not UTF-8 and for an id that is already there with
  /// another text.
  void add(const std::string& id, std::string_view text, const std::string& where);

  /// Makes the transcripts the targets of `data`'s clips. Clips with an empty one are dropped and noted. Clips without
  /// one and transcripts without a clip are an Error that names one of them, or dropped and noted when `allow_missing`.
  /// Error also for two clips with the same id. `corpus` leads messages.
  void apply(Dataset& data, const ClipId& id_of, const std::string& corpus, bool allow_missing);

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
