// Mel-frequency cepstral coefficients as HuBERT's first targets use them: Kaldi's definition with the defaults of
// torchaudio.compliance.kaldi.mfcc, and their time derivatives as torchaudio.functional.compute_deltas makes them.
#pragma once

#include <cstdint>

#include "core/tensor.h"

namespace sure {

constexpr int64_t kMfccWindow = 400;  // samples at 16 kHz: 25 ms
constexpr int64_t kMfccHop = 160;     // 10 ms
constexpr int64_t kMfccSize = 39;     // 13 coefficients, their first and second derivatives

/// Mono fp32 [S] in [-1, 1] at 16 kHz -> fp32 [T, 39], T = 1 + (S - 400) / 160. Throws Error for fewer than 400
/// samples.
Tensor mfcc(const Tensor& samples);

}  // namespace sure
