#include "decode/prefix_tree.h"

#include <algorithm>
#include <limits>

namespace sure {

namespace {

uint64_t child_key(int32_t prefix, int64_t token) {
  return static_cast<uint64_t>(prefix) << 32U | static_cast<uint64_t>(token);
}

}  // namespace

PrefixTree::PrefixTree(const WordScorer& scorer) : scorer_(scorer), prefixes_(1) {
  prefixes_[0].words = scorer.start();
}

int32_t PrefixTree::find(int32_t prefix, int64_t token) const {
  const auto child = children_.find(child_key(prefix, token));
  return child == children_.end() ? -1 : child->second;
}

int32_t PrefixTree::extend(int32_t prefix, int64_t token) {
  const auto [child, is_new] = children_.try_emplace(child_key(prefix, token), static_cast<int32_t>(prefixes_.size()));
  if (!is_new) return child->second;
  Prefix extended{prefix, token, (*this)[prefix].words};
  scorer_.extend(extended.words, token);
  extended.language_score = scorer_.score(extended.words);
  prefixes_.push_back(std::move(extended));
  return child->second;
}

double PrefixTree::score_extension(int32_t prefix, int64_t token) const {
  WordState words = (*this)[prefix].words;
  return scorer_.extend(words, token) ? scorer_.score(words) : -std::numeric_limits<double>::infinity();
}

std::vector<int64_t> PrefixTree::tokens(int32_t prefix) const {
  std::vector<int64_t> tokens;
  for (; prefix != kEmptyPrefix; prefix = (*this)[prefix].parent) tokens.push_back((*this)[prefix].token);
  std::reverse(tokens.begin(), tokens.end());
  return tokens;
}

}  // namespace sure
