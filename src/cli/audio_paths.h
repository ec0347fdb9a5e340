// The recordings that a command's arguments and its standard input name, one after another.
#pragma once

#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "audio/memory_file.h"
#include "cli/list_reader.h"
#include "predict/predictor.h"

namespace sure {

/// One of them, or what is wrong with a name.
struct AudioInput {
  Recording recording;
  std::string error;  // a whole line; empty: none
};

class AudioPaths {
 public:
  /// Files as given; folders searched recursively for files with an audio suffix (sorted); pipes such as a shell's
  /// <(…); "-", or no argument at all: from the descriptor `list` either a list of such names, read as it comes, or the
  /// bytes of one audio file, told apart by how they start. Files need not exist.
  AudioPaths(std::vector<std::string> arguments, int list);

  /// Waits for the next; false at the end. Throws Error where the list cannot be read.
  bool next(AudioInput& input);

  /// Whether `next` would find one without waiting.
  bool ready();

  /// How many there are in all; nothing as long as a list goes on or folders have not been searched.
  std::optional<size_t> total() const;

  /// Whether it is one file for certain, no folder and no list. Waits for the start of standard input where that tells.
  bool is_one_file() { return one_file_ || (only_standard_input_ && list_.holds_audio()); }

 private:
  bool take_argument();
  void take_standard_input();
  void add(const std::string& name);
  void add_folder(const std::filesystem::path& folder);
  void add_pipe(const std::string& name);
  void add_audio(ListReader& pipe, const std::string& name);

  std::deque<std::string> arguments_;
  ListReader list_;
  bool in_list_ = false;
  bool one_file_;
  bool only_standard_input_;
  size_t given_ = 0;
  std::deque<AudioInput> found_;
  std::vector<std::unique_ptr<MemoryFile>> from_pipes_;  // alive as long as their recordings may be read
};

}  // namespace sure
