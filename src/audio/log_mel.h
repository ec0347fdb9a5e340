// Log-mel spectrograms as speech synthesis uses them: magnitudes in triangles on Slaney's mel scale, each of area one
// (librosa.filters.mel), and their logarithm.
#pragma once

#include "audio/spectrogram.h"

namespace sure {

struct MelOptions {
  FrameOptions frames;
  int64_t bins = 80;
  double lowest = 0;      // Hz
  double highest = 8000;  // Hz
  double floor = 1e-5;    // smallest value whose logarithm is taken
  bool log10 = false;     // else the natural logarithm
};

/// HiFi-GAN's and FastSpeech 2's: 22,050 Hz, hop 256, 0 to 8,000 Hz.
MelOptions hifigan_mel();

/// SpeechT5's: 16 kHz, hop 256, 80 to 7,600 Hz, log10.
MelOptions speecht5_mel();

/// fp32 [bins, transform / 2 + 1].
Tensor mel_filters(const MelOptions& options);

/// Mono fp32 [S] -> fp32 [T, bins], T = 1 + S / hop. Throws Error for a clip too short for one spectrum.
Tensor log_mel(const Tensor& samples, const MelOptions& options);

/// The same of a magnitude spectrogram [T, transform / 2 + 1].
Tensor log_mel_of(const Tensor& magnitudes, const MelOptions& options);

}  // namespace sure
