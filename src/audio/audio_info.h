// What an audio file's header says of its length, without decoding the file.
#pragma once

#include <cstdint>
#include <filesystem>

#include "audio/audio.h"

namespace sure {

struct AudioInfo {
  int64_t frames = 0;
  int64_t rate = 0;  // Hz
  int64_t channels = 0;
  bool needs_ffmpeg = false;  // libsndfile does not read it whole
};

/// From the header; streams that do not state their length (FLAC, OGG or WAV written to a pipe) are measured.
/// Throws the Errors of read_audio that a header can tell: missing, not audio, WAV cut short, without samples.
AudioInfo audio_info(const std::filesystem::path& path);

/// The same by decoding the file to its end: what read_audio throws, this throws.
AudioInfo decoded_audio_info(const std::filesystem::path& path);

/// The samples that read_audio(path, rate) of a whole file returns.
int64_t samples_at(const AudioInfo& info, int64_t rate = kSampleRate);

}  // namespace sure
