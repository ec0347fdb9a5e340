// An audio stream's channels averaged, block by block, and checked.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "audio/audio_stream.h"

namespace sure {

class MonoReader {
 public:
  /// `stream` must outlive it.
  explicit MonoReader(AudioStream& stream);

  /// The next samples, at most `most`; none at the end. Good until the next call. Throws Error, naming the file, for
  /// samples that are not finite or absurdly loud, and what AudioStream::read throws.
  std::span<const float> next(int64_t most = INT64_MAX);

 private:
  AudioStream& stream_;
  std::vector<float> frames_;  // [block, channels]
};

}  // namespace sure
