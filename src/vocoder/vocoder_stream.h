// Sound while the spectrogram is still being made, in chunks that overlap by as much as the vocoder reaches, so that
// they are equal to the whole.
#pragma once

#include "vocoder/vocoder.h"

namespace sure {

class VocoderStream {
 public:
  /// `chunk`: new frames of one pass. A vocoder that reaches everywhere waits for the end.
  explicit VocoderStream(const Vocoder& vocoder, int64_t chunk = 128);

  /// The next frames [T, bins] -> the samples that are now certain, fp32 [S], S may be 0.
  Tensor feed(const Tensor& mel);

  /// What remains; the stream is as new afterwards.
  Tensor finish();

 private:
  Tensor advance(int64_t frames, int64_t context);

  const Vocoder* vocoder_;
  int64_t chunk_;
  Tensor waiting_;    // [T, bins], frames before the next to sound included
  int64_t past_ = 0;  // of those
};

}  // namespace sure
