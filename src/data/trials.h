// Trial lists of speaker verification, one pair of clips a line: "1 a.wav b.wav" (VoxCeleb), "a.wav b.wav target" or
// "a.wav b.wav nontarget" (Kaldi), or just "a.wav b.wav".
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sure {

struct Trial {
  std::string first;  // clips as the list names them
  std::string second;
  std::optional<bool> same_speaker;  // in all trials of a list or in none
  int64_t line = 0;                  // from 1
};

/// The label stands before or behind the clips: 1 or target, 0 or nontarget. Fields are parted by tabs where a line has
/// one (names may hold spaces then), else by spaces; blank lines are skipped. Throws Error with file and line for a
/// wrong number of fields, an unknown label, and for lists where only some lines have one; Error for an empty list.
std::vector<Trial> read_trials(const std::filesystem::path& list);

}  // namespace sure
