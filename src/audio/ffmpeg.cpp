#include "audio/ffmpeg.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include "core/error.h"

extern char** environ;

namespace sure {

namespace {

// Containers of one file each: no playlists or scripts, which name other files.
constexpr const char* kContainers =
    "mov,matroska,aac,loas,asf,amr,amrnb,amrwb,ogg,mp3,wav,w64,flac,avi,aiff,au,caf,ac3,eac3,flv,ape,wv,tta,nistsphere,"
    "mpegts,mpeg,gsm,voc,dsf,rm";
constexpr size_t kLongestComplaint = 300;

std::vector<std::string> arguments(const std::filesystem::path& path) {
  return {"ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-xerror", "-protocol_whitelist", "file,pipe",
          "-format_whitelist", kContainers, "-i", "file:" + path.string(), "-map", "0:a:0", "-map_metadata", "-1",
          // Times that jump, as where recordings were joined, are no fault of the samples.
          "-af", "asetpts=N/SR/TB", "-c:a", "pcm_f32be", "-f", "au", "pipe:1"};
}

/// What the new process starts with, freed with the object.
struct SpawnSettings {
  SpawnSettings(int output, int complaints) {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO);
    ::posix_spawnattr_init(&attributes);
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes, &signals);
    ::sigaddset(&signals, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes, &signals);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

/// Returns 0 or what went wrong, as in errno.
int start(const std::filesystem::path& path, int output, int complaints, pid_t& process) {
  const SpawnSettings settings(output, complaints);
  std::vector<std::string> words = arguments(path);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return ::posix_spawnp(&process, "ffmpeg", &settings.actions, &settings.attributes, pointers.data(), environ);
}

/// "[aac @ 0x55f63b0f8a00] Input buffer exhausted" -> "Input buffer exhausted"
std::string without_address(const std::string& line) {
  const size_t end = line.find("] ");
  return line.starts_with('[') && end != std::string::npos ? line.substr(end + 2) : line;
}

}  // namespace

Ffmpeg::Ffmpeg(const std::filesystem::path& path) : path_(path) {
  std::array<int, 2> pipe = {-1, -1};
  complaints_ = ::memfd_create("ffmpeg", MFD_CLOEXEC);
  int error = complaints_ < 0 || ::pipe2(pipe.data(), O_CLOEXEC) != 0 ? errno : 0;
  output_ = pipe[0];
  if (error == 0) error = start(path, pipe[1], complaints_, process_);
  if (pipe[1] >= 0) ::close(pipe[1]);
  if (error == 0) return;
  ::close(output_);
  ::close(complaints_);
  fail("{}: ffmpeg cannot be started ({})", path.string(), std::strerror(error));
}

Ffmpeg::~Ffmpeg() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    finish();
  }
  ::close(complaints_);
}

std::string Ffmpeg::finish() {
  ::close(output_);  // it must not wait for a reader
  output_ = -1;
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  std::string complaint = first_complaint();
  if (!complaint.empty() || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) return complaint;
  return WIFSIGNALED(status) ? fmt::format("it was ended by signal {}", WTERMSIG(status))
                             : fmt::format("it ended with exit code {}", WEXITSTATUS(status));
}

std::string Ffmpeg::first_complaint() const {
  std::string line(kLongestComplaint, '\0');
  const ssize_t bytes = ::pread(complaints_, line.data(), line.size(), 0);
  line.resize(static_cast<size_t>(std::max<ssize_t>(0, bytes)));
  const std::string name = "file:" + path_.string();
  if (const size_t at = line.find(name); at != std::string::npos) {
    const size_t end = at + name.size();
    line.erase(at, line.compare(end, 2, ": ") == 0 ? name.size() + 2 : name.size());
  }
  return without_address(line.substr(0, line.find('\n')));
}

}  // namespace sure
