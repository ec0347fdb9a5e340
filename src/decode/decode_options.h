// How the output of a CTC head becomes tokens and words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/options.h"

namespace sure {

std::vector<std::string> decoder_names();

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
  visit("decoder", o.decoder,
        Declaration("how transcripts are read; beam: prefix beam search, which --lm and --decoder_lexicon need")
            .one_of(decoder_names())
            .free_on_resume());
  visit("beam_width", o.beam_width,
        Declaration("beam: labellings kept after each frame").range(1, kMostCounted).free_on_resume());
  visit("token_cutoff", o.token_cutoff,
        Declaration("beam: tokens this far (natural log) below a frame's best are passed over").free_on_resume());
  visit("lm", o.lm, Declaration("beam: n-gram language model of words, an ARPA file").free_on_resume());
  visit("lm_weight", o.lm_weight, Declaration("beam: weight of the language model's log-probability").free_on_resume());
  visit("word_bonus", o.word_bonus,
        Declaration("beam: added for each word when there is a language model").free_on_resume());
  visit("decoder_lexicon", o.decoder_lexicon,
        Declaration("beam: file of the words to choose from, with or without their tokens").free_on_resume());
}

}  // namespace sure
