// A recording as stretches that may overlap, read once.
#pragma once

#include <cstdint>

#include "audio/sample_stream.h"

namespace sure {

struct AudioSlice {
  Tensor samples;     // fp32 [S], as long as asked for, but the last one ends with the recording
  int64_t start = 0;  // of its first sample in the recording
  bool last = false;  // it reaches the recording's end
};

class AudioSlices {
 public:
  /// Stretches of `length` samples, one every `step`; `limit` > 0: the recording ends after so many samples.
  AudioSlices(SampleStream stream, int64_t length, int64_t step, int64_t limit = 0);

  /// False behind the last one. Throws as SampleStream::read.
  bool next(AudioSlice& slice);

 private:
  Tensor read(int64_t count);
  void skip_step();

  SampleStream stream_;
  int64_t length_;
  int64_t step_;
  int64_t left_;   // samples until the limit
  Tensor buffer_;  // samples from `start_` on
  int64_t start_ = 0;
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace sure
