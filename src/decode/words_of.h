// Words with their times from the tokens of a CTC labelling.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decode/ctc_greedy.h"
#include "decode/token_table.h"
#include "sure/results.h"

namespace sure {

/// A frame of wav2vec 2.0 and HuBERT: 320 samples at 16 kHz.
inline constexpr double kSecondsPerFrame = 0.02;

/// The words of `spans`, in order. A word lasts from the first frame of its first token to the end of its last.
std::vector<Word> words_of(const std::vector<TokenSpan>& spans, const TokenTable& tokens,
                           double seconds_per_frame = kSecondsPerFrame);

/// Each token of `spans`, delimiters too, with its text and times.
std::vector<Word> timed_tokens(const std::vector<TokenSpan>& spans, const TokenTable& tokens,
                               double seconds_per_frame = kSecondsPerFrame);

}  // namespace sure
