// Names of files and folders that do not stand in their place yet: NAME.PID-RANDOM.tmp is being written or on its way
// out, NAME.PID-RANDOM.new is whole and about to take NAME's place. Whoever writes one holds a lock on it, which the
// system takes from a process that dies: so the next run knows what was left behind.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace sure {

struct TemporaryName {
  std::string of;      // NAME
  bool whole = false;  // ends in .new
};

/// Nothing for any other name.
std::optional<TemporaryName> parse_temporary_name(std::string_view name);

/// PATH.PID-RANDOM.tmp, which nobody can guess.
std::filesystem::path temporary_name(const std::filesystem::path& path);

/// The same name with .new at its end.
std::filesystem::path whole_name(const std::filesystem::path& temporary);

/// Tells other processes that the writer of an open file or folder lives, until the descriptor is closed. Where a file
/// system has no locks, the process id in the name has to do.
void claim(int descriptor);

/// Whether the writer of a temporary file or folder is dead.
bool is_abandoned(const std::filesystem::path& temporary);

}  // namespace sure
