// How the output of a CTC head becomes tokens and words.
#pragma once

#include <cstdint>
#include <string>

namespace sure {

struct DecodeOptions {
  std::string decoder = "greedy";
  int64_t beam_width = 64;
  double token_cutoff = 12;     // natural log
  std::string lm;               // an ARPA file
  double lm_weight = 0.5;       // of the natural log of P(words)
  double word_bonus = 1.0;      // added for each word, only with `lm`
  std::string decoder_lexicon;  // a file of words, see word_trie.h
};

template <class Visitor>
void visit_options(DecodeOptions& o, Visitor&& visit) {
  visit("decoder", o.decoder, "greedy, or beam: prefix beam search, which --lm and --decoder_lexicon need");
  visit("beam_width", o.beam_width, "beam: labellings kept after each frame");
  visit("token_cutoff", o.token_cutoff, "beam: tokens this far (natural log) below a frame's best are passed over");
  visit("lm", o.lm, "beam: n-gram language model of words, an ARPA file");
  visit("lm_weight", o.lm_weight, "beam: weight of the language model's log-probability");
  visit("word_bonus", o.word_bonus, "beam: added for each word when there is a language model");
  visit("decoder_lexicon", o.decoder_lexicon, "beam: file of the words to choose from, with or without their tokens");
}

}  // namespace sure
