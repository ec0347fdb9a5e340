#include "decode/arpa_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.h"
#include "text/utf8.h"

namespace sure {

namespace {

constexpr std::string_view kUnknown = "<unk>";
constexpr float kUnknownMissing = -100;  // KenLM's

/// Takes a whole number off the front of `text`.
bool take_number(std::string_view& text, size_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

std::string section(size_t order) { return fmt::format("\\{}-grams:", order); }

}  // namespace

void ArpaReader::read() {
  lm_.words_.emplace_back(kUnknown);
  lm_.ids_[hash_word(kUnknown)] = 0;
  lines_.next();
  expect("\\data\\");
  read_counts();
  for (size_t order = 1; order <= counts_.size(); ++order) read_ngrams(order);
  expect("\\end\\");
  know_other_case();
}

/// Vocabularies and language models are in capitals or not; a word that the model lacks may be one of its in the other
/// case.
void ArpaReader::know_other_case() {
  for (size_t id = 0; id < lm_.words_.size(); ++id) {
    for (const std::string& word : {lower_case(lm_.words_[id]), upper_case(lm_.words_[id])}) {
      lm_.ids_.try_emplace(hash_word(word), static_cast<int32_t>(id));
    }
  }
}

void ArpaReader::read_counts() {
  while (lines_.next() && lines_.line().starts_with("ngram")) read_count(counts_.size() + 1);
  if (counts_.empty()) lines_.refuse("'ngram 1=COUNT'");
}

void ArpaReader::read_count(size_t order) {
  std::string_view text = lines_.line();
  text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
  size_t given_order = 0;
  size_t count = 0;
  const bool pair = take_number(text, given_order) && text.starts_with('=');
  if (pair) text.remove_prefix(1);
  if (!pair || !take_number(text, count) || !text.empty() || given_order != order) {
    lines_.refuse(fmt::format("'ngram {}=COUNT'", order));
  }
  if (count > lines_.size()) lines_.refuse("a count of n-grams that a file of this size can hold");
  counts_.push_back(count);
}

void ArpaReader::read_ngrams(size_t order) {
  expect(section(order));
  const size_t count = counts_[order - 1];
  lm_.tables_.emplace_back(order == 1 ? count + 1 : count);  // <unk> may be missing
  for (size_t seen = 0; seen < count; ++seen) {
    if (!lines_.next() || lines_.line().starts_with('\\')) {
      lines_.refuse(fmt::format("{} {}-grams as the header counts", count, order), fmt::format("{}", seen));
    }
    read_ngram(order);
  }
  if (order == 1) close_words();
  lines_.next();
}

void ArpaReader::read_ngram(size_t order) {
  const auto& fields = lines_.fields();
  if (fields.size() != order + 1 && fields.size() != order + 2) {
    lines_.refuse(fmt::format("a log10 probability, {} words and at most a back-off weight", order));
  }
  NgramScores scores;
  scores.probability = read_number(fields[0], "a log10 probability");
  if (scores.probability > 0) lines_.refuse("a log10 probability of at most 0");
  if (fields.size() == order + 2) scores.back_off = read_number(fields.back(), "a log10 back-off weight");
  if (!lm_.tables_.back().insert(read_key(order), scores)) lines_.refuse("each n-gram once");
}

uint64_t ArpaReader::read_key(size_t order) {
  uint64_t key = 0;
  for (size_t i = order; i >= 1; --i) {
    const std::string_view field = lines_.fields()[i];
    const std::string_view word = field == "<UNK>" ? kUnknown : field;
    const auto known = lm_.ids_.find(hash_word(word));
    if (known == lm_.ids_.end() && order > 1) {
      lines_.refuse("words of the 1-grams", fmt::format("'{}'", word));
    }
    const int32_t id = known == lm_.ids_.end() ? add_word(word) : known->second;
    key = NgramTable::extend_key(key, static_cast<uint64_t>(id));
  }
  return key;
}

int32_t ArpaReader::add_word(std::string_view word) {
  const auto id = static_cast<int32_t>(lm_.words_.size());
  lm_.words_.emplace_back(word);
  lm_.ids_[hash_word(word)] = id;
  return id;
}

void ArpaReader::close_words() {
  lm_.tables_[0].insert(NgramTable::extend_key(0, 0), {kUnknownMissing, 0});
  lm_.start_ = marker("<s>");
  lm_.end_ = marker("</s>");
}

int32_t ArpaReader::marker(std::string_view word) {
  const int32_t id = lm_.word_id(word);
  if (id == 0) lines_.refuse(fmt::format("{} among the 1-grams", word), "none");
  return id;
}

float ArpaReader::read_number(std::string_view field, const char* what) {
  double number = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
  if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(number)) {
    lines_.refuse(what, fmt::format("'{}'", field));
  }
  return static_cast<float>(number);
}

void ArpaReader::expect(std::string_view line) {
  if (lines_.fields().size() != 1 || lines_.fields()[0] != line) lines_.refuse(fmt::format("'{}'", line));
}

}  // namespace sure
