#include "decode/ctc_beam_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "decode/ctc_align.h"
#include "decode/prefix_tree.h"

namespace sure {

namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

double log_add(double a, double b) {
  const double high = std::max(a, b);
  const double low = std::min(a, b);
  return low == kNever ? high : high + std::log1p(std::exp(low - high));
}

/// A prefix with log P of its paths so far, apart by what they end in.
struct Beam {
  int32_t prefix;  // of a candidate that is not in the beam yet: its parent
  int64_t token;   // what extends the parent; -1 for a prefix of the beam itself
  double blank;
  double label;  // the prefix's last token
  double total = kNever;

  double acoustic() const { return log_add(blank, label); }
};

/// The end of a prefix.
struct Ending {
  int32_t prefix;  // whose paths these are
  int32_t cut;     // the same, or behind the last whole word
  double acoustic;
  double lm;
  double total;
};

class Search {
 public:
  Search(const WordScorer& scorer, const DecodeOptions& options)
      : scorer_(scorer), options_(options), blank_(scorer.tokens().blank()), tree_(scorer) {
    beam_.push_back({PrefixTree::kEmptyPrefix, -1, 0, kNever});
    tree_[PrefixTree::kEmptyPrefix].beam_slot = 0;
  }

  /// One frame, [V].
  void step(const float* log_probs) {
    find_likely(log_probs);
    const double blank = frame_[static_cast<size_t>(blank_)];
    candidates_.clear();
    for (const Beam& b : beam_) {
      const int64_t last = tree_[b.prefix].token;
      const double repeat = last < 0 ? kNever : frame_[static_cast<size_t>(last)];
      candidates_.push_back({b.prefix, -1, b.acoustic() + blank, b.label + repeat});
    }
    for (const Beam& b : beam_) {
      for (const int64_t token : likely_) grow(b, token);
    }
    keep_best();
  }

  /// Best first.
  std::vector<Ending> endings() const {
    std::vector<Ending> endings;
    for (const Beam& b : beam_) add_ending(b, b.prefix, endings);
    if (endings.empty()) {
      for (const Beam& b : beam_) add_ending(b, last_whole_word(b.prefix), endings);
    }
    std::stable_sort(endings.begin(), endings.end(), [](const auto& a, const auto& b) { return a.total > b.total; });
    return endings;
  }

  std::vector<int64_t> tokens(int32_t prefix) const { return tree_.tokens(prefix); }

 private:
  /// Fills `frame_`, where unlikely tokens get no probability, and `likely_`, which leaves out the blank. The blank is
  /// always likely enough, so that some prefix goes on whatever the lexicon forbids.
  void find_likely(const float* log_probs) {
    frame_.assign(log_probs, log_probs + scorer_.tokens().size());
    const double least = *std::max_element(frame_.begin(), frame_.end()) - options_.token_cutoff;
    likely_.clear();
    for (int64_t token = 0; token < scorer_.tokens().size(); ++token) {
      if (token == blank_) continue;
      double& log_probability = frame_[static_cast<size_t>(token)];
      if (log_probability < least) {
        log_probability = kNever;
      } else {
        likely_.push_back(token);
      }
    }
  }

  /// Adds the paths that go from `b` to its extension by `token`: into the beam's own or as a new candidate.
  void grow(const Beam& b, int64_t token) {
    const double before = token == tree_[b.prefix].token ? b.blank : b.acoustic();
    if (before == kNever) return;
    const double label = before + frame_[static_cast<size_t>(token)];
    const int32_t child = tree_.find(b.prefix, token);
    if (child >= 0 && tree_[child].beam_slot >= 0) {
      double& known = candidates_[static_cast<size_t>(tree_[child].beam_slot)].label;
      known = log_add(known, label);
      return;
    }
    const double language = child >= 0 ? tree_[child].language_score : tree_.score_extension(b.prefix, token);
    if (language > kNever) candidates_.push_back({b.prefix, token, kNever, label, label + language});
  }

  void keep_best() {
    for (size_t i = 0; i < beam_.size(); ++i) {
      Beam& stay = candidates_[i];
      tree_[stay.prefix].beam_slot = -1;
      stay.total = stay.acoustic() + tree_[stay.prefix].language_score;
    }
    const size_t width = std::min(static_cast<size_t>(options_.beam_width), candidates_.size());
    std::nth_element(candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(width) - 1,
                     candidates_.end(), [](const Beam& a, const Beam& b) { return a.total > b.total; });
    beam_.clear();
    for (size_t i = 0; i < width; ++i) {
      Beam& kept = candidates_[i];
      if (kept.total == kNever) continue;
      if (kept.token >= 0) kept.prefix = tree_.extend(kept.prefix, kept.token);
      tree_[kept.prefix].beam_slot = static_cast<int32_t>(beam_.size());
      beam_.push_back({kept.prefix, -1, kept.blank, kept.label});
    }
  }

  void add_ending(const Beam& b, int32_t prefix, std::vector<Ending>& endings) const {
    WordState words = tree_[prefix].words;
    if (!scorer_.finish(words)) return;
    const double acoustic = b.acoustic();
    endings.push_back({b.prefix, prefix, acoustic, words.lm, acoustic + scorer_.score(words)});
  }

  int32_t last_whole_word(int32_t prefix) const {
    while (tree_[prefix].words.in_word) prefix = tree_[prefix].parent;
    return prefix;
  }

  const WordScorer& scorer_;
  const DecodeOptions& options_;
  int64_t blank_;
  PrefixTree tree_;
  std::vector<Beam> beam_;
  std::vector<Beam> candidates_;  // first those of the beam, in its order
  std::vector<double> frame_;
  std::vector<int64_t> likely_;
};

}  // namespace

std::vector<Hypothesis> ctc_beam_search(const Tensor& log_probs, const WordScorer& scorer, const DecodeOptions& options,
                                        int64_t count) {
  const Tensor rows = log_probs.to(at::kCPU, at::kFloat).contiguous();
  Search search(scorer, options);
  for (int64_t t = 0; t < rows.size(0); ++t) search.step(rows.const_data_ptr<float>() + t * rows.size(1));
  std::vector<Hypothesis> best;
  std::unordered_set<int32_t> seen;
  for (const Ending& ending : search.endings()) {
    if (static_cast<int64_t>(best.size()) == count) break;
    if (!seen.insert(ending.cut).second) continue;
    std::vector<TokenSpan> spans = ctc_align(rows, search.tokens(ending.prefix), scorer.tokens().blank());
    spans.resize(search.tokens(ending.cut).size());
    best.push_back({std::move(spans), ending.acoustic, ending.lm, ending.total});
  }
  return best;
}

}  // namespace sure
