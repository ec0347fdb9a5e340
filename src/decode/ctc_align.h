// The likeliest path of a CTC model through a given labelling (forced alignment, Viterbi).
#pragma once

#include <cstdint>
#include <vector>

#include "core/tensor.h"
#include "decode/ctc_greedy.h"

namespace sure {

/// `log_probs`: fp32 [T, V], log-softmax over V. The frames of each of `labels`, in order; no blank is among them.
/// Throws Error when T frames cannot hold them: one each, and a blank between equal neighbours.
std::vector<TokenSpan> ctc_align(const Tensor& log_probs, const std::vector<int64_t>& labels, int64_t blank);

}  // namespace sure
