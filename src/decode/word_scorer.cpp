#include "decode/word_scorer.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "text/utf8.h"

namespace sure {

namespace {

const double kLogOf10 = std::log(10.0);

bool spells(const TokenTable& tokens, const std::string& word) {
  const int64_t whole = tokens.id(word);
  if (whole >= 0 && tokens.kind(whole) == TokenKind::word) return true;
  const std::vector<std::string> letters = characters(word);
  return std::all_of(letters.begin(), letters.end(), [&](const std::string& letter) {
    const int64_t id = tokens.id(letter);
    return id >= 0 && tokens.kind(id) == TokenKind::letter;
  });
}

bool is_marker(const std::string& word) { return word == "<s>" || word == "</s>" || word == "<unk>"; }

}  // namespace

WordScorer::WordScorer(const DecodeOptions& options, TokenTable tokens)
    : tokens_(std::move(tokens)), lm_weight_(options.lm_weight), word_bonus_(options.word_bonus) {
  if (!options.decoder_lexicon.empty()) {
    if (!tokens_.has_delimiter()) fail_usage("--decoder_lexicon needs a vocabulary with a word delimiter");
    lexicon_ = std::make_shared<const WordTrie>(options.decoder_lexicon, tokens_);
  }
  if (!options.lm.empty()) {
    lm_ = std::make_shared<const ArpaLm>(options.lm);
    if (!lexicon_) check_lm_words(options.lm);
  }
}

/// Words in another script than the vocabulary's would all be unknown without a sign.
void WordScorer::check_lm_words(const std::string& file) const {
  const auto& words = lm_->words();
  const bool any = std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return !is_marker(word) &&
           (spells(tokens_, word) || spells(tokens_, lower_case(word)) || spells(tokens_, upper_case(word)));
  });
  if (!any) fail("{}: no word can be spelled in the tokens of the vocabulary", file);
}

WordState WordScorer::start() const {
  WordState state;
  if (lm_) state.context = lm_->start();
  return state;
}

bool WordScorer::extend(WordState& state, int64_t token) const {
  const TokenKind kind = tokens_.kind(token);
  if (kind == TokenKind::letter) {
    if (lexicon_) state.lexicon_node = lexicon_->next(state.lexicon_node, token);
    state.word = extend_word(state.word, tokens_.text(token));
    state.in_word = true;
    return state.lexicon_node >= 0;
  }
  if (kind == TokenKind::special && lexicon_) return false;
  if (!end_word(state)) return false;
  if (kind != TokenKind::delimiter) count_word(state, hash_word(tokens_.text(token)));
  return true;
}

bool WordScorer::end_word(WordState& state) const {
  if (!state.in_word) return true;
  uint64_t word = state.word;
  if (lexicon_) {
    const std::string* listed = lexicon_->word(state.lexicon_node);
    if (listed == nullptr) return false;
    word = hash_word(*listed);
  }
  count_word(state, word);
  state.in_word = false;
  state.word = kEmptyWord;
  state.lexicon_node = WordTrie::kRoot;
  return true;
}

void WordScorer::count_word(WordState& state, uint64_t word) const {
  if (!lm_) return;
  ++state.words;
  state.lm += kLogOf10 * lm_->score(state.context, lm_->word_id_of_hash(word), state.context);
}

bool WordScorer::finish(WordState& state) const {
  if (!end_word(state)) return false;
  if (lm_) state.lm += kLogOf10 * lm_->score_end(state.context);
  return true;
}

double WordScorer::score(const WordState& state) const {
  return lm_weight_ * state.lm + word_bonus_ * static_cast<double>(state.words);
}

}  // namespace sure
