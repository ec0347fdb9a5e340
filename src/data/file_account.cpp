#include "data/file_account.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "audio/audio_formats.h"
#include "core/error.h"
#include "data/audio_files.h"
#include "text/counted.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr size_t kNamedExtensions = 6;

std::string extension_of(const fs::path& file) {
  const std::string extension = lower_extension(file);
  return extension.empty() ? "no extension" : extension;
}

/// is_readable_audio for many files: looks for ffmpeg once.
class ReadableAudio {
 public:
  bool operator()(const fs::path& file) const { return is_sndfile_name(file) || (has_ffmpeg_ && is_ffmpeg_name(file)); }

 private:
  bool has_ffmpeg_ = ffmpeg_is_there();
};

}  // namespace

FileAccount account_for(const fs::path& folder) {
  FileAccount account;
  const ReadableAudio is_readable;
  for (fs::path& file : files_below(folder)) {
    std::vector<fs::path>& kind = is_readable(file)     ? account.clips
                                  : is_audio_file(file) ? account.unreadable
                                                        : account.others;
    kind.push_back(std::move(file));
  }
  return account;
}

std::string describe_account(const FileAccount& files, size_t left_out) {
  if (files.unreadable.empty() && files.others.empty() && left_out == 0) return "";
  const size_t total = files.clips.size() + files.unreadable.size() + files.others.size();
  std::string text = fmt::format("{}: {}", counted(static_cast<int64_t>(total), "file"),
                                 counted(static_cast<int64_t>(files.clips.size() - left_out), "clip"));
  if (left_out > 0) text += fmt::format(", {} in no label's folder", left_out);
  if (!files.unreadable.empty()) {
    text += fmt::format(", {} not readable ({}): install ffmpeg", files.unreadable.size(),
                        list_extensions(files.unreadable));
  }
  if (!files.others.empty()) {
    text +=
        fmt::format("{} {} ({})", files.unreadable.empty() ? "," : ";",
                    counted(static_cast<int64_t>(files.others.size()), "other file"), list_extensions(files.others));
  }
  return text;
}

std::string leave_out_unreadable(Dataset& data, bool transcripts) {
  std::map<std::string, std::vector<fs::path>> lost;
  std::set<std::string> kept;
  size_t clips = 0;
  std::vector<fs::path> files;
  const ReadableAudio is_readable;
  for (auto* part : all_parts(data)) {
    clips += part->size();
    std::erase_if(*part, [&](const Example& example) {
      if (is_readable(example.path) || !is_audio_file(example.path)) {
        kept.insert(example.target);
        return false;
      }
      lost[example.target].push_back(example.path);
      files.push_back(example.path);
      return true;
    });
  }
  if (files.empty()) return "";
  for (const auto& [label, paths] : lost) {
    if (transcripts || kept.contains(label)) continue;
    fail("{}: none of the {} of label '{}' can be read ({}): install ffmpeg, or convert them to WAV or FLAC",
         paths.front().parent_path().string(), counted(std::ssize(paths), "file"), label, list_extensions(paths));
  }
  if (files.size() == clips) {
    fail("{}: none of {} can be read ({}): install ffmpeg, or convert them to WAV or FLAC",
         files.front().parent_path().string(), counted(std::ssize(files), "clip"), list_extensions(files));
  }
  return fmt::format("{} of {} not readable ({}) and left out: install ffmpeg", files.size(),
                     counted(static_cast<int64_t>(clips), "clip"), list_extensions(files));
}

std::string list_extensions(const std::vector<fs::path>& files) {
  std::set<std::string> all;
  for (const fs::path& file : files) all.insert(extension_of(file));
  std::vector<std::string> names(all.begin(), all.end());
  if (names.size() > kNamedExtensions) {
    names.resize(kNamedExtensions);
    names.emplace_back("…");
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace sure
