#include "audio/audio_info.h"

#include <cmath>

#include "audio/audio_stream.h"
#include "audio/mono_reader.h"
#include "core/error.h"

namespace sure {

namespace {

/// Decodes to the end.
int64_t count_frames(AudioStream& stream) {
  MonoReader reader(stream);
  int64_t frames = 0;
  for (int64_t read = 0; (read = std::ssize(reader.next())) > 0;) frames += read;
  stream.check_end(frames);
  return frames;
}

AudioInfo describe(const AudioStream& stream, int64_t frames) {
  return {frames, stream.rate(), stream.channels(), stream.needs_ffmpeg()};
}

}  // namespace

AudioInfo audio_info(const std::filesystem::path& path) {
  AudioStream stream(path);
  if (stream.promised_frames() < 0) return describe(stream, count_frames(stream));
  if (!stream.has_last_frame()) fail("{}: cut short, its last samples are missing; copy the file again", path.string());
  return describe(stream, stream.promised_frames());
}

AudioInfo decoded_audio_info(const std::filesystem::path& path) {
  AudioStream stream(path);
  return describe(stream, count_frames(stream));
}

int64_t samples_at(const AudioInfo& info, int64_t rate) {
  // soxr rounds to the nearest sample, halves up.
  return std::llround(static_cast<double>(info.frames) * static_cast<double>(rate) / static_cast<double>(info.rate));
}

}  // namespace sure
