// Trials of speaker verification: are two clips of one speaker? The cosine of their embeddings is the answer's score.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/tensor.h"
#include "metrics/verification.h"

namespace sure {

/// P pairs of clips. `first` and `second`: int64 [P], positions of the clips; `same`: int64 [P], 1 for one speaker,
/// else 0; undefined where nobody knows.
struct VoiceTrials {
  Tensor first;
  Tensor second;
  Tensor same;
};

/// Every pair of two of the `chosen` clips, or 2,000,000 drawn from them (the same ones each time) when there are more.
/// A clip that was chosen twice is not compared with itself. `speakers`: of each clip, chosen or not. Throws Error
/// without pairs of one speaker and of two.
VoiceTrials pair_clips(const std::vector<std::string>& speakers, const std::vector<size_t>& chosen);

/// `embeddings`: fp32 [N, E] of length 1. Returns the cosines, fp32 [P].
Tensor score_trials(const Tensor& embeddings, const VoiceTrials& trials);

struct VerificationResult {
  int64_t same = 0;  // trials of one speaker
  int64_t different = 0;
  EqualErrorRate eer = {};
  double min_dcf = 0;
};

/// Throws Error for scores that are not finite and for trials all of one kind.
VerificationResult measure_trials(const Tensor& scores, const VoiceTrials& trials);

}  // namespace sure
