// An n-gram language model with back-off (Katz 1987) from an ARPA file, scored as KenLM scores it (Heafield 2011).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "decode/ngram_table.h"
#include "decode/word_hash.h"

namespace sure {

class ArpaLm {
 public:
  /// The words before, the latest first, at most order() - 1.
  using State = std::vector<int32_t>;

  /// Reads a file of any order. Throws Error with file and line for what is not ARPA: headers, counts that do not
  /// match, numbers, words missing from the 1-grams, no <s> or </s>, no \end\, text that is not UTF-8.
  explicit ArpaLm(const std::filesystem::path& file);

  int64_t order() const { return static_cast<int64_t>(tables_.size()); }

  /// The 1-grams by their ids; <unk> is 0.
  const std::vector<std::string>& words() const { return words_; }

  /// The id of a word, that of <unk> when the model does not have it.
  int32_t word_id(std::string_view word) const { return word_id_of_hash(hash_word(word)); }

  /// The same from hash_word() of the word.
  int32_t word_id_of_hash(uint64_t hash) const;

  /// Behind <s>.
  State start() const;

  /// log10 P(word | state); `next`, which may be `state`, becomes the state behind the word. A model without <unk>
  /// gives it -100, as KenLM does.
  double score(const State& state, int32_t word, State& next) const;

  /// log10 P(</s> | state).
  double score_end(const State& state) const;

 private:
  friend class ArpaReader;

  double log_probability(const State& state, int32_t word) const;

  std::vector<std::string> words_;
  std::unordered_map<uint64_t, int32_t> ids_;  // by hash_word()
  std::vector<NgramTable> tables_;             // of 1-grams, 2-grams …; keys run from the latest word back
  int32_t start_ = 0;
  int32_t end_ = 0;
};

}  // namespace sure
