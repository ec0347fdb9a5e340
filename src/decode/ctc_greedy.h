// Best path of a CTC model (Graves et al. 2006): the likeliest token of each frame, repeats merged, blanks dropped.
#pragma once

#include <cstdint>
#include <vector>

#include "core/tensor.h"

namespace sure {

/// One emitted token with the frames [first_frame, end_frame) it was likeliest in.
struct TokenSpan {
  int64_t token;
  int64_t first_frame;
  int64_t end_frame;
  double log_probability;  // mean over its frames
};

/// `log_probs`: fp32 [T, V], log-softmax over V.
std::vector<TokenSpan> ctc_greedy(const Tensor& log_probs, int64_t blank);

}  // namespace sure
