// Short-time spectra as librosa and torch.stft make them: frames centred at multiples of the hop, the clip mirrored at
// its ends, a periodic Hann window.
#pragma once

#include <cstdint>

#include "core/tensor.h"

namespace sure {

struct FrameOptions {
  int64_t rate = 22050;      // Hz
  int64_t transform = 1024;  // samples of the Fourier transform
  int64_t window = 1024;     // samples, at most `transform`
  int64_t hop = 256;         // samples
};

/// Number of frames of a clip.
inline int64_t frames_of(int64_t samples, const FrameOptions& options) { return 1 + samples / options.hop; }

/// Mono fp32 [S] -> complex [T, transform / 2 + 1], T = 1 + S / hop. Throws Error for a clip of transform / 2 samples
/// or fewer, which cannot be mirrored.
Tensor short_time_spectrum(const Tensor& samples, const FrameOptions& options);

/// Its inverse by least squares (Griffin and Lim 1984): complex [T, transform / 2 + 1] -> fp32 [(T - 1) hop].
Tensor overlap_add(const Tensor& spectrum, const FrameOptions& options);

/// |short_time_spectrum|, fp32.
Tensor magnitudes(const Tensor& samples, const FrameOptions& options);

/// The length of each frame's magnitude spectrum, [T, F] -> [T]: FastSpeech 2's energy (Ren et al. 2021).
Tensor frame_energy(const Tensor& magnitudes);

}  // namespace sure
