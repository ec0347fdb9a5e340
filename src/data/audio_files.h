// The files in a corpus' folders, in sorted order so that every machine sees the same data set.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sure {

/// By its extension, in any case: a format of libsndfile's, or of ffmpeg's, whether that is installed or not
/// (audio/audio_formats.h).
bool is_audio_file(const std::filesystem::path& path);

/// Whether such a file can be read on this machine: the formats that libsndfile lacks need ffmpeg.
bool is_readable_audio(const std::filesystem::path& path);

/// Audio files directly in `folder`; none when it does not exist. Hidden files are left out. Throws Error when the
/// folder cannot be listed; so do the next four.
std::vector<std::filesystem::path> audio_files_in(const std::filesystem::path& folder);

/// The same in all folders below as well; see `files_below`.
std::vector<std::filesystem::path> audio_files_below(const std::filesystem::path& folder);

/// All files in `folder` and the folders below it; links to folders are followed, but not in circles. Hidden files and
/// those that systems leave (__MACOSX, Thumbs.db …) are left out, as everywhere here.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder);

/// Files directly in `folder` with that extension, as in ".txt".
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder, std::string_view extension);

/// Folders directly in `folder`.
std::vector<std::filesystem::path> folders_in(const std::filesystem::path& folder);

/// The names in `folder`, for the "found …" of a message: at most a dozen, or "nothing".
std::string describe_contents(const std::filesystem::path& folder);

}  // namespace sure
