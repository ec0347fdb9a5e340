// Files and folders that appear whole or not at all: written under a temporary name, synced, then renamed.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

#include "core/owned_folder.h"

namespace sure {

/// Writes `path` through `write`; a kill or a full disk leaves the old file, if any. Links are followed, and what is no
/// regular file (a device, a pipe) is written through. Throws Error naming the file.
void write_file(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write);

/// The same with the text at hand.
void write_file(const std::filesystem::path& path, std::string_view text);

/// Fills a fresh folder through `fill`, marks it as one of `kind` and puts it at `path`, in place of a folder of that
/// kind, whose own files go; the user's stay. When `fill` throws, `path` is left as it was. Where the file system can
/// replace a folder at once, that is done; elsewhere a kill in between leaves one that settle_folder() knows. Returns a
/// warning when what was replaced could not be removed, else nothing. Throws as require_own, and Error naming `path`.
std::string write_folder(const std::filesystem::path& path, const FolderKind& kind,
                         const std::function<void(const std::filesystem::path&)>& fill);

/// Puts a folder in place that a killed write_folder left whole beside `path`. To be called before one is read.
void settle_folder(const std::filesystem::path& path);

/// Removes from a folder, or puts in place, what killed writers left in it. To be called where nobody else writes.
void remove_leftovers(const std::filesystem::path& folder);

/// Removes what killed writers of one file left beside it.
void remove_leftovers_of(const std::filesystem::path& file);

/// Makes a folder and those above it; one that is there is left alone. Throws Error that names it, behind the flag that
/// it came from, if one is given ("--output_dir").
void make_folder(const std::filesystem::path& folder, const std::string& flag = "");

/// The whole file as bytes. Throws Error naming the file.
std::string read_file(const std::filesystem::path& path);

}  // namespace sure
