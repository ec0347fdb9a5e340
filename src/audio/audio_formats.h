// Which files hold sound, by their names, and who decodes them: libsndfile by itself, or the program ffmpeg.
#pragma once

#include <filesystem>
#include <string>

namespace sure {

/// ".wav" of "A.WAV"; empty where there is none.
std::string lower_extension(const std::filesystem::path& path);

/// By the extension, in any case: libsndfile reads such files (.wav, .flac, .mp3 …).
bool is_sndfile_name(const std::filesystem::path& path);

/// The same for files that only ffmpeg reads (.m4a, .webm, .wma, .mp4 …).
bool is_ffmpeg_name(const std::filesystem::path& path);

/// Whether a program `ffmpeg` lies in one of the folders of $PATH.
bool ffmpeg_is_there();

}  // namespace sure
