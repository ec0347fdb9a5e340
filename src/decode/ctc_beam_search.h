// Prefix beam search over the output of a CTC model (Hannun et al. 2014): sums over the paths of each labelling, with a
// language model and a lexicon of words.
#pragma once

#include <cstdint>
#include <vector>

#include "core/tensor.h"
#include "decode/ctc_greedy.h"
#include "decode/decode_options.h"
#include "decode/word_scorer.h"

namespace sure {

struct Hypothesis {
  std::vector<TokenSpan> spans;  // frames of the labelling's likeliest path
  double acoustic;               // natural log of P(labelling), summed over the paths that the beam kept
  double lm;                     // natural log of P(words); 0 without language model
  double total;                  // acoustic + lm_weight · lm + word_bonus · words
};

/// `log_probs`: fp32 [T, V], log-softmax over V, finite. The `count` best labellings or fewer, best first; never
/// none. Each is whole words of the lexicon, if there is one: when the clip breaks off inside the last word of every
/// labelling in the beam, that word is dropped and `acoustic` is that of the labelling before.
std::vector<Hypothesis> ctc_beam_search(const Tensor& log_probs, const WordScorer& scorer, const DecodeOptions& options,
                                        int64_t count = 1);

}  // namespace sure
