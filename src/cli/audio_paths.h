// The audio files that a command's arguments name.
#pragma once

#include <filesystem>
#include <istream>
#include <string>
#include <vector>

namespace sure {

/// Files as given, folders searched recursively for files with an audio suffix (sorted), "-" or no argument at all: one
/// path a line from `list`. Files need not exist. Throws Error for a folder without audio.
std::vector<std::filesystem::path> audio_paths(const std::vector<std::string>& arguments, std::istream& list);

}  // namespace sure
