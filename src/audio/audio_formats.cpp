#include "audio/audio_formats.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <string>
#include <string_view>

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 18> kSndfileExtensions = {".wav", ".wave", ".flac", ".ogg",  ".oga", ".opus",
                                                                 ".mp3", ".mp2",  ".mpga", ".aiff", ".aif", ".aifc",
                                                                 ".au",  ".snd",  ".caf",  ".w64",  ".sph", ".rf64"};
constexpr std::array<std::string_view, 25> kFfmpegExtensions = {
    ".m4a", ".m4b", ".mp4", ".m4v", ".mov",  ".aac", ".webm", ".weba", ".wma", ".wmv", ".asf", ".amr", ".awb",
    ".3gp", ".3g2", ".mka", ".mkv", ".3gpp", ".avi", ".ac3",  ".ape",  ".wv",  ".tta", ".spx", ".flv"};

template <size_t N>
bool has_extension(const fs::path& path, const std::array<std::string_view, N>& extensions) {
  return std::find(extensions.begin(), extensions.end(), lower_extension(path)) != extensions.end();
}

bool is_program(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::string lower_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

bool is_sndfile_name(const fs::path& path) { return has_extension(path, kSndfileExtensions); }

bool is_ffmpeg_name(const fs::path& path) { return has_extension(path, kFfmpegExtensions); }

bool ffmpeg_is_there() {
  const char* variable = std::getenv("PATH");
  std::string_view folders = variable != nullptr ? variable : "";
  while (!folders.empty()) {
    const size_t end = std::min(folders.find(':'), folders.size());
    if (is_program(fs::path(folders.substr(0, end)) / "ffmpeg")) return true;
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return false;
}

}  // namespace sure
