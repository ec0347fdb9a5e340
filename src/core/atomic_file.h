// Files and folders that appear whole or not at all: written under a temporary name, synced, then renamed.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string_view>

namespace sure {

/// Writes `path` through `write`; a kill or a full disk leaves the old file, if any. Throws Error naming the file.
void write_file(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write);

/// The same with the text at hand.
void write_file(const std::filesystem::path& path, std::string_view text);

/// Fills a fresh folder through `fill` and puts it at `path`, replacing a folder that stood there in one exchange.
/// When `fill` throws, `path` is left as it was and the temporary folder is removed.
void write_folder(const std::filesystem::path& path, const std::function<void(const std::filesystem::path&)>& fill);

/// The whole file as bytes. Throws Error naming the file.
std::string read_file(const std::filesystem::path& path);

}  // namespace sure
