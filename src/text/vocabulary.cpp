#include "text/vocabulary.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/error.h"
#include "text/arpabet.h"
#include "text/normalise_text.h"
#include "text/utf8.h"

namespace sure {

namespace {

constexpr std::array<std::string_view, 7> kSpecialTokens = {"<pad>", "[PAD]", "<unk>", "[UNK]", "<s>", "</s>", "|"};

bool is_special(std::string_view token) {
  return std::find(kSpecialTokens.begin(), kSpecialTokens.end(), token) != kSpecialTokens.end();
}

}  // namespace

Vocabulary::Vocabulary(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {
  std::set<std::string_view> seen;
  for (const std::string& token : tokens_) {
    if (token.empty()) fail("vocabulary: token {} is empty, expected text", seen.size());
    if (!seen.insert(token).second) fail("vocabulary: token '{}' stands twice", token);
  }
  const auto blank = find({"<pad>", "[PAD]"});
  if (!blank) fail("vocabulary of {} tokens: '<pad>' or '[PAD]', the CTC blank, is missing", tokens_.size());
  blank_ = *blank;
  unknown_ = find({"<unk>", "[UNK]"});
  delimiter_ = find({"|"});
  for (const std::string& token : tokens_) {
    if (!is_special(token)) ids_.emplace(token, static_cast<int64_t>(&token - tokens_.data()));
    stands_alone_.push_back(!delimiter_ || (!is_special(token) && characters(token).size() > 1));
  }
}

std::optional<int64_t> Vocabulary::find(std::initializer_list<std::string_view> names) const {
  const auto token = std::find_first_of(tokens_.begin(), tokens_.end(), names.begin(), names.end());
  if (token == tokens_.end()) return std::nullopt;
  return token - tokens_.begin();
}

void Vocabulary::append_encoded(std::string_view token, std::vector<int64_t>& ids, int64_t& unknown) const {
  const auto known = ids_.find(std::string(token));
  if (known != ids_.end()) {
    ids.push_back(known->second);
    return;
  }
  ++unknown;
  if (unknown_) ids.push_back(*unknown_);
}

std::vector<int64_t> Vocabulary::encode(std::string_view text, int64_t& unknown) const {
  std::vector<int64_t> ids;
  bool first = true;
  for (const std::string& word : split_words(text)) {
    if (delimiter_ && !first) ids.push_back(*delimiter_);
    first = false;
    if (!delimiter_ || ids_.contains(word)) {
      append_encoded(word, ids, unknown);
    } else {
      for (const std::string& character : characters(word)) append_encoded(character, ids, unknown);
    }
  }
  return ids;
}

std::string Vocabulary::decode(std::span<const int64_t> ids) const {
  std::string text;
  bool after_word = false;  // a token that stands alone ended the text so far
  for (const int64_t id : ids) {
    if (id < 0 || id >= size()) fail("token {} does not exist in a vocabulary of {} tokens", id, size());
    if (id == blank_) continue;
    const bool delimiter = id == delimiter_;
    const bool alone = stands_alone_[static_cast<size_t>(id)];
    const bool gap = after_word || (alone && !text.empty() && text.back() != ' ');
    if (gap && !delimiter) text += ' ';
    text += delimiter ? " " : tokens_[static_cast<size_t>(id)];
    after_word = alone;
  }
  const size_t begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

Vocabulary character_vocabulary(const std::vector<std::string>& texts, bool slot_marks) {
  std::set<std::string> found;  // the order of UTF-8 bytes is that of code points
  std::set<std::string> marks;
  for (const std::string& text : texts) {
    for (const std::string& word : split_words(text)) {
      if (slot_marks && is_slot_mark(word)) {
        marks.insert(word);
      } else {
        for (std::string& character : characters(word)) found.insert(std::move(character));
      }
    }
  }
  found.erase("|");  // stands for the gap between words
  std::vector<std::string> tokens = {"<pad>", "<unk>", "|"};
  tokens.insert(tokens.end(), found.begin(), found.end());
  tokens.insert(tokens.end(), marks.begin(), marks.end());
  return Vocabulary(std::move(tokens));
}

Vocabulary phoneme_vocabulary(bool stress) {
  std::vector<std::string> tokens = {"<pad>", "<unk>"};
  tokens.insert(tokens.end(), arpabet(stress).begin(), arpabet(stress).end());
  return Vocabulary(std::move(tokens));
}

}  // namespace sure
