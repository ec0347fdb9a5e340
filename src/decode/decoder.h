// From the output of a CTC head to tokens and words with their times, by one of the decoders.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/tensor.h"
#include "decode/ctc_greedy.h"
#include "decode/decode_options.h"
#include "decode/word_scorer.h"
#include "decode/words_of.h"

namespace sure {

struct Transcript {
  std::vector<int64_t> tokens;
  std::vector<TokenSpan> spans;  // one a token
  std::vector<Word> words;
  std::vector<Word> timed_tokens;  // each token as a word of its own
  double score = 0;                // greedy: log P of its path; beam: Hypothesis::total
};

/// Throws a usage Error for values out of range and for options that --decoder does not take.
void check_decode_options(const DecodeOptions& options);

class Decoder {
 public:
  /// `tokens` of the vocabulary by id; `delimiter` between words, -1 for none; `spelled`: as of TokenTable. Loads
  /// language model and lexicon. Throws as check_decode_options() and WordScorer do.
  Decoder(const DecodeOptions& options, std::vector<std::string> tokens, int64_t blank, int64_t delimiter,
          bool spelled = false);

  /// `log_probs`: fp32 [T, V], log-softmax over V, one clip without padding. Throws Error when V is not the
  /// vocabulary's or a frame has NaN. May be called from many threads at once.
  Transcript decode(const Tensor& log_probs, double seconds_per_frame = kSecondsPerFrame) const;

 private:
  friend class StreamDecoder;
  DecodeOptions options_;
  WordScorer scorer_;
};

/// One clip whose frames come in pieces. What is longer than kLongestPiece is decoded in parts, which end between words
/// (or else in silence) where there is such a place: greedy gives what the whole gives; the beam and its language model
/// start anew in each part.
class StreamDecoder {
 public:
  /// About two minutes; the beam's time and memory grow with the square of a part.
  static constexpr int64_t kLongestPiece = 6000;  // frames

  /// `decoder` must outlive it.
  explicit StreamDecoder(const Decoder& decoder) : decoder_(decoder) {}

  /// The next frames, as Decoder::decode takes them; throws as it does.
  void add(const Tensor& log_probs);

  /// What has been said in all of them.
  Transcript finish(double seconds_per_frame = kSecondsPerFrame);

 private:
  void decode_first(int64_t frames, bool between_words);

  const Decoder& decoder_;
  Tensor waiting_;      // [T, V]; undefined: none
  int64_t frames_ = 0;  // decoded so far
  Transcript transcript_;
};

}  // namespace sure
