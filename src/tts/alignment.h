// Aligning symbols and frames without labels (Badlani et al. 2022, "One TTS alignment to rule them all"): the
// likelihood of all monotonic alignments, the best of them, and how far the soft alignment is from it.
#pragma once

#include <cstdint>

#include "core/tensor.h"

namespace sure {

/// Beta-binomial probabilities of S symbols for each of T frames, fp32 [frames, symbols]: near the diagonal.
Tensor beta_binomial_prior(int64_t frames, int64_t symbols);

/// The same for clips of a batch, as large as `like`, [B, T, S], and zero outside. Lengths: int64 [B].
Tensor beta_binomial_priors(const Tensor& frames, const Tensor& symbols, const Tensor& like);

/// -log likelihood of all alignments in which the symbols come in their order, per symbol, mean over the batch; frames
/// of no symbol (blanks) cost `blank` before the softmax. scores [B, T, S], lengths int64 [B]; keys outside a clip's
/// symbols are not looked at. A clip of fewer frames than symbols counts nothing.
Tensor forward_sum_loss(const Tensor& scores, const Tensor& frames, const Tensor& symbols, double blank = -1);

/// The alignment of the largest summed log-probability in which each symbol has one frame or more, as durations: int64
/// [B, S]. log_probabilities [B, T, S], lengths int64 [B]. Throws Error for a clip of fewer frames than symbols.
Tensor monotonic_alignment(const Tensor& log_probabilities, const Tensor& frames, const Tensor& symbols);

/// Mean -log of the soft alignment [B, T, S] at each frame's symbol, int64 [B, T]; mask: bool [B, T] of real frames.
Tensor binarisation_loss(const Tensor& soft, const Tensor& symbols, const Tensor& mask);

}  // namespace sure
