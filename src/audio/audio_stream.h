// An audio file as frames from its start to its end: decoded by libsndfile where that reads it whole, else by ffmpeg.
#pragma once

#include <sndfile.h>

#include <cstdint>
#include <filesystem>
#include <memory>

#include "audio/byte_file.h"
#include "audio/ffmpeg.h"
#include "audio/mp3_source.h"

namespace sure {

class AudioStream {
 public:
  /// Throws Error, naming the file: missing, not a file, not audio, cut short (as far as its headers and their like
  /// tell), without samples, with a rate or channels that no recording has, or of a format that needs ffmpeg where that
  /// is not installed.
  explicit AudioStream(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return file_.path(); }
  int64_t rate() const { return info_.samplerate; }  // Hz
  int64_t channels() const { return info_.channels; }
  bool needs_ffmpeg() const { return ffmpeg_ != nullptr; }

  /// As the file says, or its frames when counted; -1 = unknown before the last is read.
  int64_t promised_frames() const { return promised_; }

  /// Decodes up to `count` frames [count, channels]; fewer only at the end.
  int64_t read(float* frames, int64_t count);

  /// To be called when `frames` were read and no more came. Throws Error when these are not all.
  void check_end(int64_t frames);

  /// Whether the last of the promised frames is there, as far as that can be told without decoding all before it. Moves
  /// the place that is read from.
  bool has_last_frame();

 private:
  using SoundFile = std::unique_ptr<SNDFILE, decltype(&sf_close)>;

  /// False where no frames of MP3 are.
  bool open_as_mp3(ByteRange range);
  bool open_lower_layer(ByteRange range, int64_t samples);
  bool open_with_sndfile();
  bool open_path();
  bool opened(SNDFILE* sound);
  void open_with_ffmpeg();
  void check_header() const;

  ByteFile file_;
  SF_INFO info_{};
  std::unique_ptr<Mp3Source> mp3_;
  std::unique_ptr<Ffmpeg> ffmpeg_;
  SoundFile sound_{nullptr, &sf_close};
  int64_t promised_ = -1;
};

}  // namespace sure
