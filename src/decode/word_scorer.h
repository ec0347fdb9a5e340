// What the words of a labelling add to its score in a beam search: language model, word bonus, lexicon.
#pragma once

#include <cstdint>
#include <memory>

#include "decode/arpa_lm.h"
#include "decode/decode_options.h"
#include "decode/token_table.h"
#include "decode/word_hash.h"
#include "decode/word_trie.h"

namespace sure {

/// Where the words of a labelling stand.
struct WordState {
  ArpaLm::State context;  // words before
  double lm = 0;          // natural log of P(words so far)
  int64_t words = 0;      // finished ones
  bool in_word = false;
  uint64_t word = kEmptyWord;              // hash of the unfinished word
  int32_t lexicon_node = WordTrie::kRoot;  // of the unfinished word
};

class WordScorer {
 public:
  /// Loads the files that `options` names. Throws Error for what is wrong in them, for a language model none of whose
  /// words the vocabulary spells, and a usage Error for a lexicon without word delimiter.
  WordScorer(const DecodeOptions& options, TokenTable tokens);

  const TokenTable& tokens() const { return tokens_; }

  /// Null without lexicon.
  const WordTrie* lexicon() const { return lexicon_.get(); }

  WordState start() const;

  /// Goes on by a token that is not the blank. False when the lexicon has no such word.
  bool extend(WordState& state, int64_t token) const;

  /// The end of the clip. False inside a word of the lexicon.
  bool finish(WordState& state) const;

  /// What `state` adds to the acoustic score.
  double score(const WordState& state) const;

 private:
  bool end_word(WordState& state) const;
  void count_word(WordState& state, uint64_t word) const;
  void check_lm_words(const std::string& file) const;

  TokenTable tokens_;
  std::shared_ptr<const ArpaLm> lm_;
  std::shared_ptr<const WordTrie> lexicon_;
  double lm_weight_;
  double word_bonus_;
};

}  // namespace sure
