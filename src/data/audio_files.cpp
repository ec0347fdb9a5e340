#include "data/audio_files.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "audio/audio_formats.h"
#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr size_t kDescribedNames = 12;

// Left by systems among people's files.
constexpr std::array<std::string_view, 7> kLeftBySystems = {
    "__MACOSX", "Thumbs.db", "desktop.ini", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found"};

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') || std::find(kLeftBySystems.begin(), kLeftBySystems.end(), name) != kLeftBySystems.end();
}

/// Sorted paths of a folder's entries that `keep` accepts.
template <class Keep>
std::vector<fs::path> list(const fs::path& folder, Keep&& keep) {
  std::vector<fs::path> paths;
  if (!fs::exists(folder)) return paths;
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      if (!is_hidden(entry.path()) && keep(entry)) paths.push_back(entry.path());
    }
  } catch (const fs::filesystem_error& error) {
    fail("{}: cannot list this folder ({})", folder.string(), error.code().message());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// A link that leads nowhere, or to itself, is none.
bool is_folder(const fs::directory_entry& entry) {
  std::error_code error;
  return entry.is_directory(error);
}

/// `above`: the folders on the way here, each by its canonical path.
void append_files(const fs::path& folder, std::vector<fs::path>& above, std::vector<fs::path>& files) {
  std::error_code error;
  const fs::path here = fs::canonical(folder, error);
  if (error || std::find(above.begin(), above.end(), here) != above.end()) return;
  above.push_back(here);
  std::vector<fs::path> folders;
  const auto keep = [&](const fs::directory_entry& entry) {
    if (is_folder(entry)) folders.push_back(entry.path());
    return !is_folder(entry);
  };
  const std::vector<fs::path> found = list(folder, keep);
  files.insert(files.end(), found.begin(), found.end());
  for (const fs::path& inner : folders) append_files(inner, above, files);
  above.pop_back();
}

bool is_audio_entry(const fs::directory_entry& entry) { return is_audio_file(entry.path()) && !is_folder(entry); }

}  // namespace

bool is_audio_file(const fs::path& path) { return is_sndfile_name(path) || is_ffmpeg_name(path); }

bool is_readable_audio(const fs::path& path) {
  return is_sndfile_name(path) || (is_ffmpeg_name(path) && ffmpeg_is_there());
}

std::vector<fs::path> audio_files_in(const fs::path& folder) { return list(folder, is_audio_entry); }

std::vector<fs::path> audio_files_below(const fs::path& folder) {
  std::vector<fs::path> files = files_below(folder);
  std::erase_if(files, [](const fs::path& file) { return !is_audio_file(file); });
  return files;
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files, above;
  append_files(folder, above, files);
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<fs::path> files_in(const fs::path& folder, std::string_view extension) {
  return list(folder, [&](const fs::directory_entry& entry) {
    return entry.path().extension() == extension && !is_folder(entry);
  });
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  return list(folder, [](const fs::directory_entry& entry) { return is_folder(entry); });
}

std::string describe_contents(const fs::path& folder) {
  const auto paths = list(folder, [](const fs::directory_entry&) { return true; });
  if (paths.empty()) return "nothing";
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(paths.size(), kDescribedNames); ++i) names.push_back(paths[i].filename().string());
  if (paths.size() > kDescribedNames) names.push_back(fmt::format("… ({} in all)", paths.size()));
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace sure
