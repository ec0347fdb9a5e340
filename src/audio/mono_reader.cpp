#include "audio/mono_reader.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace sure {

namespace {

constexpr int64_t kBlockSamples = 1 << 16;  // of all channels together: a header may claim a thousand of them
// Float files may go past 1, but nothing recorded is this loud, and squares of more leave the range of fp32.
constexpr float kHighestPeak = 1e6F;

}  // namespace

MonoReader::MonoReader(AudioStream& stream)
    : stream_(stream),
      frames_(static_cast<size_t>(std::max<int64_t>(1, kBlockSamples / stream.channels()) * stream.channels())) {}

std::span<const float> MonoReader::next(int64_t most) {
  const int64_t channels = stream_.channels();
  const int64_t frames = stream_.read(frames_.data(), std::min(most, std::ssize(frames_) / channels));
  for (int64_t frame = 0; frame < frames; ++frame) {
    float sum = 0;
    for (int64_t channel = 0; channel < channels; ++channel) {
      const float sample = frames_[static_cast<size_t>(frame * channels + channel)];
      if (!(std::abs(sample) <= kHighestPeak)) {
        fail("{}: holds samples that are {}, expected numbers around [-1, 1]", stream_.path().string(),
             std::isfinite(sample) ? fmt::format("as large as {:g}", std::abs(sample)) : "NaN or infinite");
      }
      sum += sample;
    }
    frames_[static_cast<size_t>(frame)] = sum / static_cast<float>(channels);
  }
  return {frames_.data(), static_cast<size_t>(frames)};
}

}  // namespace sure
