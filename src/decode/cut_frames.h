// Where the output of a CTC model can be cut in two without harm, and how what is read of the parts is joined.
#pragma once

#include <cstdint>
#include <vector>

#include "core/tensor.h"
#include "decode/ctc_greedy.h"

namespace sure {

struct FrameCut {
  int64_t frame;       // the second part's first, 1 … T
  bool between_words;  // the frame before is a delimiter's
};

/// `log_probs`: fp32 [T, V], T > 0; `delimiter` is -1 where there is none. The best place there is, the last of its
/// kind: behind a delimiter, in the middle of the longest silence, between two tokens, at the end.
FrameCut find_cut(const Tensor& log_probs, int64_t blank, int64_t delimiter);

/// Adds `next` to the spans of the part before; goes on with the last one where the cut went through a token.
void append_span(const TokenSpan& next, std::vector<TokenSpan>& spans);

}  // namespace sure
