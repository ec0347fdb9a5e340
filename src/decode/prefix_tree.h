// The prefixes of a beam search as nodes of a tree.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "decode/word_scorer.h"

namespace sure {

struct Prefix {
  int32_t parent = -1;
  int64_t token = -1;  // the last one; -1 for the empty prefix
  WordState words;
  double language_score = 0;  // WordScorer::score(words)
  int32_t beam_slot = -1;     // -1: not in the beam
};

class PrefixTree {
 public:
  static constexpr int32_t kEmptyPrefix = 0;

  /// `scorer` must outlive the tree.
  explicit PrefixTree(const WordScorer& scorer);

  Prefix& operator[](int32_t id) { return prefixes_[static_cast<size_t>(id)]; }
  const Prefix& operator[](int32_t id) const { return prefixes_[static_cast<size_t>(id)]; }

  /// -1 when `prefix` was never extended by `token`.
  int32_t find(int32_t prefix, int64_t token) const;

  /// The extension, made when it is not there; the lexicon must allow it.
  int32_t extend(int32_t prefix, int64_t token);

  /// Language score of an extension that is not in the tree; minus infinity when the lexicon has no such word.
  double score_extension(int32_t prefix, int64_t token) const;

  /// From the empty prefix to `prefix`.
  std::vector<int64_t> tokens(int32_t prefix) const;

 private:
  const WordScorer& scorer_;
  std::vector<Prefix> prefixes_;
  std::unordered_map<uint64_t, int32_t> children_;  // by prefix and token
};

}  // namespace sure
