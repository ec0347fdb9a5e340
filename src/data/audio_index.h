// How long the clips of a data set are, kept on disk, so that only the first run reads every file's header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/audio_index_file.h"

namespace sure {

/// How closely clips are looked at: by what their headers promise, or by decoding them to the end.
enum class ClipCheck { header, decode };

/// A clip's length, or why it has none.
struct ClipLength {
  int64_t samples = 0;  // at 16 kHz
  std::string fault;    // names the file; empty for a good clip
};

class AudioIndex {
 public:
  /// Called with the clips done and all clips, from the thread that asked, often.
  using Progress = std::function<void(size_t done, size_t total)>;

  /// Opens the index at `file`; a damaged one counts as empty and leaves a note. An empty path keeps nothing on disk.
  explicit AudioIndex(std::filesystem::path file);

  /// The length of each clip: from the index where size and modification time are as they were, else from the file, on
  /// several threads. New lengths go to disk before this returns; faults are not kept.
  std::vector<ClipLength> look_up(const std::vector<std::filesystem::path>& clips, ClipCheck check,
                                  const Progress& progress = {});

  /// Samples at 16 kHz of each clip, by the headers. Throws Error naming the first clip that cannot be read.
  std::vector<int64_t> samples(const std::vector<std::filesystem::path>& clips, const Progress& progress = {});

  /// For the user: an index that was damaged or that cannot be kept.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  void save();

  std::filesystem::path file_;
  IndexedClips known_;
  std::vector<std::string> notes_;
};

/// Where the index of a data set lies: sure/index/<hash of the data set's canonical path> in $XDG_CACHE_HOME or
/// ~/.cache; empty without a data set, and when the environment names neither.
std::filesystem::path default_index_file(const std::filesystem::path& data_dir);

}  // namespace sure
