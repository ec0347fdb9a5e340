// An audio file read block by block as 16 kHz mono, for recordings that are too long to hold.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "audio/audio.h"

namespace sure {

class SampleStream {
 public:
  /// Throws as read_audio does, except for what only the whole file tells.
  explicit SampleStream(const std::filesystem::path& path, int64_t rate = kSampleRate);
  ~SampleStream();
  SampleStream(SampleStream&&) noexcept;
  SampleStream& operator=(SampleStream&&) noexcept;

  /// The next `count` samples, fp32 [count]; fewer where the file ends, none behind its end. All of them are the
  /// samples of read_audio. Throws Error, naming the file: cut short, damaged, NaN or infinite samples.
  Tensor read(int64_t count);

 private:
  class Source;
  std::unique_ptr<Source> source_;
};

}  // namespace sure
