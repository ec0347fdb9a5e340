#include "audio/ffmpeg.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include "core/error.h"
#include "core/process.h"

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
  if (error == 0) error = start_process({"ffmpeg", arguments(path), kNowhere, pipe[1], complaints_, {}}, process_);
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
  const ProcessEnd end = wait_for_process(process_);
  process_ = -1;
  std::string complaint = first_complaint();
  return complaint.empty() && !end.well() ? describe(end) : complaint;
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
