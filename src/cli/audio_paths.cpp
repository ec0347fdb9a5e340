#include "cli/audio_paths.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "data/audio_files.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

bool names_one_file(const std::vector<std::string>& arguments) {
  std::error_code error;
  return arguments.size() == 1 && arguments.front() != "-" && !fs::is_directory(arguments.front(), error);
}

}  // namespace

AudioPaths::AudioPaths(std::vector<std::string> arguments, int list)
    : arguments_(arguments.begin(), arguments.end()),
      list_(list, "standard input"),
      one_file_(names_one_file(arguments)) {
  if (arguments_.empty()) arguments_.emplace_back("-");
  only_standard_input_ = arguments_.size() == 1 && arguments_.front() == "-";
  // What can be known beforehand: how much there is to do.
  while (!arguments_.empty() && arguments_.front() != "-") take_argument();
}

bool AudioPaths::take_argument() {
  if (arguments_.empty()) return false;
  const std::string argument = arguments_.front();
  arguments_.pop_front();
  if (argument == "-") {
    take_standard_input();
  } else {
    add(argument);
  }
  return true;
}

void AudioPaths::take_standard_input() {
  if (!list_.holds_audio()) {
    in_list_ = true;
    return;
  }
  add_audio(list_, "-");
}

void AudioPaths::add_folder(const fs::path& folder) {
  try {
    const std::vector<fs::path> files = audio_files_below(folder);
    if (files.empty()) fail("{}: no audio files in this folder", folder.string());
    for (const fs::path& file : files) found_.push_back({{file, file.string()}, ""});
  } catch (const Error& error) {
    found_.push_back({{}, error.what()});
  }
}

void AudioPaths::add_audio(ListReader& pipe, const std::string& name) {
  from_pipes_.push_back(std::make_unique<MemoryFile>(pipe.take_rest()));
  found_.push_back({{from_pipes_.back()->path(), name}, ""});
}

void AudioPaths::add_pipe(const std::string& name) {
  const int descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return found_.push_back({{}, fmt::format("{}: cannot open ({})", name, std::strerror(errno))});
  try {
    ListReader pipe(descriptor, name);
    add_audio(pipe, name);
  } catch (const Error& error) {
    found_.push_back({{}, error.what()});
  }
  ::close(descriptor);
}

void AudioPaths::add(const std::string& name) {
  std::error_code error;
  const fs::file_status status = fs::status(name, error);
  if (fs::is_directory(status)) return add_folder(name);
  if (fs::is_fifo(status)) return add_pipe(name);
  if (!fs::status_known(status) || (error && fs::exists(status))) {
    return found_.push_back({{}, fmt::format("{}: cannot be looked at ({})", name, error.message())});
  }
  found_.push_back({{name, name}, ""});
}

bool AudioPaths::next(AudioInput& input) {
  while (found_.empty()) {
    std::string name;
    if (in_list_ && list_.next(name)) {
      add(name);
    } else {
      in_list_ = false;
      if (!take_argument()) return false;
    }
  }
  input = std::move(found_.front());
  found_.pop_front();
  ++given_;
  return true;
}

bool AudioPaths::ready() { return !found_.empty() || (in_list_ ? list_.ready() : !arguments_.empty()); }

std::optional<size_t> AudioPaths::total() const {
  if (in_list_ || !arguments_.empty()) return std::nullopt;
  return given_ + found_.size();
}

}  // namespace sure
