#include "audio/audio_info.h"

#include <cmath>
#include <vector>

#include "audio/sound_file.h"
#include "core/error.h"

namespace sure {

namespace {

constexpr int64_t kBlockFrames = 1 << 14;

int64_t count_frames(SNDFILE* file, int64_t channels) {
  std::vector<float> block(static_cast<size_t>(kBlockFrames * channels));
  int64_t frames = 0;
  for (sf_count_t read = 0; (read = sf_readf_float(file, block.data(), kBlockFrames)) > 0;) frames += read;
  return frames;
}

}  // namespace

AudioInfo audio_info(const std::filesystem::path& path) {
  SF_INFO info{};
  const SoundFile file = open_sound_file(path, info);
  const int64_t frames = info.frames == SF_COUNT_MAX ? count_frames(file.get(), info.channels) : info.frames;
  if (frames == 0) fail("{}: zero length, the file holds no samples", path.string());
  return {.frames = frames, .rate = info.samplerate, .channels = info.channels};
}

AudioInfo decoded_audio_info(const std::filesystem::path& path) {
  AudioInfo info = audio_info(path);
  read_audio(path, info.rate);
  return info;
}

int64_t samples_at(const AudioInfo& info, int64_t rate) {
  // soxr rounds to the nearest sample, halves up.
  return std::llround(static_cast<double>(info.frames) * static_cast<double>(rate) / static_cast<double>(info.rate));
}

}  // namespace sure
