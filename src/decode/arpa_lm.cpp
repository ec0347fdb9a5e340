#include "decode/arpa_lm.h"

#include <algorithm>

#include "decode/arpa_reader.h"

namespace sure {

namespace {

uint64_t context_key(uint64_t key, const ArpaLm::State& state, size_t words) {
  for (size_t i = 0; i < words; ++i) key = NgramTable::extend_key(key, static_cast<uint64_t>(state[i]));
  return key;
}

}  // namespace

ArpaLm::ArpaLm(const std::filesystem::path& file) { ArpaReader(file, *this).read(); }

int32_t ArpaLm::word_id_of_hash(uint64_t hash) const {
  const auto found = ids_.find(hash);
  return found == ids_.end() ? 0 : found->second;
}

ArpaLm::State ArpaLm::start() const { return order() > 1 ? State{start_} : State{}; }

double ArpaLm::log_probability(const State& state, int32_t word) const {
  const uint64_t word_key = NgramTable::extend_key(0, static_cast<uint64_t>(word));
  double back_off = 0;
  for (size_t context = state.size(); context > 0; --context) {
    const NgramScores* ngram = tables_[context].find(context_key(word_key, state, context));
    if (ngram != nullptr) return back_off + ngram->probability;
    const NgramScores* shorter = tables_[context - 1].find(context_key(0, state, context));
    if (shorter != nullptr) back_off += shorter->back_off;
  }
  return back_off + tables_[0].find(word_key)->probability;
}

double ArpaLm::score(const State& state, int32_t word, State& next) const {
  const double result = log_probability(state, word);
  if (&next != &state) next = state;
  next.insert(next.begin(), word);
  next.resize(std::min(next.size(), tables_.size() - 1));
  return result;
}

double ArpaLm::score_end(const State& state) const { return log_probability(state, end_); }

}  // namespace sure
