#include "decode/ctc_beam_search.h"

#include <ATen/ops/ctc_loss.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>

#include <limits>
#include <set>

#include "core/atomic_file.h"
#include "tests/decode/bigram_arpa.h"
#include "tests/decode/every_path.h"
#include "tests/support/files.h"

namespace sure::test {

namespace {

using Labels = std::vector<int64_t>;

const std::vector<std::string> kTokens = {"_", "|", "a", "b"};
constexpr int64_t kAll = 1'000'000;

/// Nothing pruned.
DecodeOptions exact() {
  DecodeOptions options;
  options.decoder = "beam";
  options.beam_width = kAll;
  options.token_cutoff = std::numeric_limits<double>::infinity();
  return options;
}

Labels labels_of(const Hypothesis& hypothesis) {
  Labels labels;
  for (const TokenSpan& span : hypothesis.spans) labels.push_back(span.token);
  return labels;
}

double loss_of(const Tensor& log_probs, const Labels& labels) {
  const auto count = static_cast<int64_t>(labels.size());
  return at::ctc_loss(log_probs.unsqueeze(1), at::tensor(labels, at::kLong).unsqueeze(0), {log_probs.size(0)}, {count},
                      0, at::Reduction::None)
      .item<double>();
}

std::vector<std::string> words_in(const Labels& labels) {
  std::string text;
  for (const int64_t label : labels) text += label == 1 ? " " : kTokens[static_cast<size_t>(label)];
  return split_words(text);
}

/// lm_weight · ln P(words) + word_bonus · words, word by word.
double language_score(const ArpaLm& lm, const std::vector<std::string>& words, const DecodeOptions& options) {
  double log10 = 0;
  ArpaLm::State state = lm.start();
  for (const std::string& word : words) log10 += lm.score(state, lm.word_id(word), state);
  log10 += lm.score_end(state);
  return options.lm_weight * std::log(10.0) * log10 + options.word_bonus * static_cast<double>(words.size());
}

class BeamSearch : public ::testing::Test {
 protected:
  std::string file(const std::string& text) {
    write_file(folder_ / "words.txt", text);
    return (folder_ / "words.txt").string();
  }

  std::string lm() {
    write_bigram_arpa({"ab ba", "ab a b", "ba ab", "b ab"}, folder_ / "lm.arpa", 0.1);
    return (folder_ / "lm.arpa").string();
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_F(BeamSearch, WithoutPruningSumsOverEveryPath) {
  const Tensor log_probs = random_log_probs(6, 4, 1);
  const auto labellings = every_labelling(log_probs);
  const WordScorer scorer(exact(), TokenTable(kTokens, 0, 1));
  const std::vector<Hypothesis> found = ctc_beam_search(log_probs, scorer, exact(), kAll);
  ASSERT_EQ(found.size(), labellings.size());
  for (size_t i = 0; i < found.size(); ++i) {
    const Labels labels = labels_of(found[i]);
    EXPECT_NEAR(found[i].acoustic, std::log(labellings.at(labels).probability), 1e-5);
    EXPECT_EQ(found[i].total, found[i].acoustic);
    EXPECT_NEAR(found[i].acoustic, -loss_of(log_probs, labels), 1e-4);
    EXPECT_LE(found[i].total, found[i == 0 ? 0 : i - 1].total);
  }
}

TEST_F(BeamSearch, OfALongClipNearlySums) {
  const Tensor log_probs = random_log_probs(120, 12, 2, 4);
  DecodeOptions options = exact();
  options.beam_width = 64;
  options.token_cutoff = 12;
  const WordScorer scorer(options, TokenTable(std::vector<std::string>(12, "x"), 0, -1));
  const Hypothesis best = ctc_beam_search(log_probs, scorer, options).at(0);
  // Paths that the beam or the cutoff passed over are missing from the sum: it is a little less than the exact one.
  const double exact_sum = -loss_of(log_probs, labels_of(best));
  EXPECT_LE(best.acoustic, exact_sum + 1e-3);
  EXPECT_NEAR(best.acoustic, exact_sum, 0.02 * std::abs(exact_sum));
}

TEST_F(BeamSearch, BeatsTheBestPath) {
  // The best path is all blank with 0.36, but "a" has 0.24 + 0.24 + 0.16.
  const Tensor log_probs = at::tensor({0.6F, 0.4F, 0.6F, 0.4F}).view({2, 2}).log();
  const WordScorer scorer(exact(), TokenTable({"_", "a"}, 0, -1));
  const Hypothesis best = ctc_beam_search(log_probs, scorer, exact()).at(0);
  EXPECT_EQ(labels_of(best), Labels{1});
  EXPECT_NEAR(std::exp(best.acoustic), 0.64, 1e-6);
  EXPECT_TRUE(ctc_greedy(log_probs, 0).empty());
}

TEST_F(BeamSearch, CountsWordsByTheLanguageModel) {
  DecodeOptions options = exact();
  options.lm = lm();
  options.lm_weight = 1.5;
  options.word_bonus = 0.7;
  const WordScorer scorer(options, TokenTable(kTokens, 0, 1));
  const ArpaLm model(options.lm);
  for (uint64_t seed = 0; seed < 5; ++seed) {
    const Tensor log_probs = random_log_probs(6, 4, 30 + seed);
    double best = -std::numeric_limits<double>::infinity();
    for (const auto& [labels, sums] : every_labelling(log_probs)) {
      best = std::max(best, std::log(sums.probability) + language_score(model, words_in(labels), options));
    }
    const Hypothesis found = ctc_beam_search(log_probs, scorer, options).at(0);
    EXPECT_NEAR(found.total, best, 1e-4);
    EXPECT_NEAR(found.total - found.acoustic, language_score(model, words_in(labels_of(found)), options), 1e-6);
    EXPECT_NEAR(found.lm, (found.total - found.acoustic - 0.7 * words_in(labels_of(found)).size()) / 1.5, 1e-6);
  }
}

TEST_F(BeamSearch, WithoutDelimiterEachTokenIsAWordOfTheLanguageModel) {
  DecodeOptions options = exact();
  options.lm = lm();
  const WordScorer scorer(options, TokenTable({"_", "a", "b", "ab"}, 0, -1));
  const Tensor log_probs = random_log_probs(5, 4, 3);
  const Hypothesis best = ctc_beam_search(log_probs, scorer, options).at(0);
  std::vector<std::string> words;
  for (const int64_t label : labels_of(best)) words.push_back(scorer.tokens().text(label));
  EXPECT_FALSE(words.empty());
  EXPECT_NEAR(best.total - best.acoustic, language_score(ArpaLm(options.lm), words, options), 1e-6);
}

TEST_F(BeamSearch, SaysOnlyWordsOfTheLexicon) {
  DecodeOptions options = exact();
  options.decoder_lexicon = file("ab\nba\nbab");
  const WordScorer scorer(options, TokenTable(kTokens, 0, 1));
  const std::set<std::string> words = {"ab", "ba", "bab"};
  for (uint64_t seed = 0; seed < 5; ++seed) {
    const Tensor log_probs = random_log_probs(6, 4, 40 + seed);
    std::map<Labels, double> allowed;
    for (const auto& [labels, sums] : every_labelling(log_probs)) {
      const std::vector<std::string> said = words_in(labels);
      const bool listed = std::all_of(said.begin(), said.end(), [&](const auto& word) { return words.contains(word); });
      if (listed) allowed[labels] = std::log(sums.probability);
    }
    const std::vector<Hypothesis> found = ctc_beam_search(log_probs, scorer, options, kAll);
    ASSERT_EQ(found.size(), allowed.size());
    for (const Hypothesis& one : found) EXPECT_NEAR(one.acoustic, allowed.at(labels_of(one)), 1e-5);
  }
}

TEST_F(BeamSearch, DropsAWordThatTheClipBreaksOff) {
  DecodeOptions options = exact();
  options.beam_width = 1;
  options.decoder_lexicon = file("ab\nbab");
  const WordScorer scorer(options, TokenTable(kTokens, 0, 1));
  const Tensor path = at::tensor({2, 3, 1, 3, 2}, at::kLong);
  const Tensor log_probs = at::one_hot(path, 4).to(at::kFloat).mul(9).log_softmax(-1);
  const Hypothesis best = ctc_beam_search(log_probs, scorer, options).at(0);
  EXPECT_EQ(labels_of(best), (Labels{2, 3, 1}));
  EXPECT_EQ(best.spans[2].first_frame, 2);
}

TEST_F(BeamSearch, GoesOnWhereTheLexiconForbidsWhatIsSaid) {
  DecodeOptions options = exact();
  options.token_cutoff = 5;
  options.decoder_lexicon = file("a");
  const WordScorer scorer(options, TokenTable(kTokens, 0, 1));
  const Tensor log_probs = at::one_hot(at::tensor({3, 2, 3}, at::kLong), 4).to(at::kFloat).mul(40).log_softmax(-1);
  EXPECT_EQ(labels_of(ctc_beam_search(log_probs, scorer, options).at(0)), Labels{2});
}

TEST_F(BeamSearch, NarrowBeamsFindLessOrEqual) {
  const Tensor log_probs = random_log_probs(60, 10, 4, 1.5);
  const TokenTable tokens(std::vector<std::string>(10, "x"), 0, -1);
  double before = -std::numeric_limits<double>::infinity();
  for (const int64_t width : {1, 8, 512}) {
    DecodeOptions options = exact();
    options.beam_width = width;
    const double total = ctc_beam_search(log_probs, WordScorer(options, tokens), options).at(0).total;
    EXPECT_GE(total, before - 1e-6);
    before = total;
  }
}

}  // namespace sure::test
