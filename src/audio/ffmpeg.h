// The program ffmpeg, which decodes what libsndfile does not: it is started without a shell and without the network.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace sure {

/// Decodes the first sound of a file to AU of 32-bit floats, in its own rate and channels, into a pipe. It ends with
/// the object at the latest.
class Ffmpeg {
 public:
  /// Throws Error when the program cannot be started.
  explicit Ffmpeg(const std::filesystem::path& path);
  ~Ffmpeg();
  Ffmpeg(const Ffmpeg&) = delete;
  Ffmpeg& operator=(const Ffmpeg&) = delete;

  /// The pipe to read from.
  int output() const { return output_; }

  /// Waits for its end. What it complained of, in one line; empty when it decoded the whole file.
  std::string finish();

 private:
  std::string first_complaint() const;

  std::filesystem::path path_;
  pid_t process_ = -1;
  int output_ = -1;
  int complaints_ = -1;  // a file in memory, which never fills up as a pipe does
};

}  // namespace sure
