#include "text/vocabulary.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "text/arpabet.h"
#include "text/normalise_text.h"
#include "text/replace_all.h"
#include "text/utf8.h"

namespace sure {

namespace {

std::optional<std::string> first_of(const std::vector<std::string>& tokens,
                                    std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (std::find(tokens.begin(), tokens.end(), name) != tokens.end()) return std::string(name);
  }
  return std::nullopt;
}

constexpr size_t kMostBytesOfLetter = 4;

std::string joined(const std::vector<std::string>& characters, size_t begin, size_t count) {
  std::string text;
  for (size_t i = begin; i < begin + count; ++i) text += characters[i];
  return text;
}

/// transformers' clean_up_tokenization.
constexpr Replacement kLooseSpaces[] = {{" .", "."},     {" ?", "?"},     {" !", "!"},   {" ,", ","},
                                        {" ' ", "'"},    {" n't", "n't"}, {" 'm", "'m"}, {" 's", "'s"},
                                        {" 've", "'ve"}, {" 're", "'re"}};

bool is_upper_case_letter(const std::string& token) {
  return token.size() <= kMostBytesOfLetter && upper_case(token) == token && lower_case(token) != token;
}

void check_tokens(const std::vector<std::string>& tokens) {
  std::set<std::string_view> seen;
  for (const std::string& token : tokens) {
    if (token.empty()) fail("vocabulary: token {} is empty, expected text", seen.size());
    if (!seen.insert(token).second) fail("vocabulary: token '{}' stands twice", token);
  }
}

}  // namespace

TokenRoles usual_roles(const std::vector<std::string>& tokens) {
  TokenRoles roles;
  roles.blank = first_of(tokens, {"<pad>", "[PAD]"});
  roles.unknown = first_of(tokens, {"<unk>", "[UNK]"});
  roles.delimiter = first_of(tokens, {"|"});
  roles.begin = first_of(tokens, {"<s>"});
  roles.end = first_of(tokens, {"</s>"});
  roles.words = !roles.delimiter;
  return roles;
}

std::string unused_token(int64_t number) { return fmt::format("<unused_{}>", number); }

struct Vocabulary::Pieces {
  std::vector<int64_t> ids;
  std::vector<std::string> unknown;
};

Vocabulary::Vocabulary(std::vector<std::string> tokens) : Vocabulary(tokens, usual_roles(tokens)) {}

Vocabulary::Vocabulary(std::vector<std::string> tokens, TokenRoles roles)
    : tokens_(std::move(tokens)), roles_(std::move(roles)) {
  check_tokens(tokens_);
  const std::optional<std::string> named_blank = roles_.blank;
  const auto blank = number_of(roles_.blank);
  if (!blank && named_blank) {
    fail("vocabulary of {} tokens: '{}', the CTC blank, is missing", tokens_.size(), *named_blank);
  }
  if (!blank) fail("vocabulary of {} tokens: '<pad>' or '[PAD]', the CTC blank, is missing", tokens_.size());
  blank_ = *blank;
  unknown_ = number_of(roles_.unknown);
  if (roles_.delimiter == roles_.blank) roles_.delimiter.reset();
  delimiter_ = number_of(roles_.delimiter);
  std::set<int64_t> special = {blank_, unknown_.value_or(-1), delimiter_.value_or(-1)};
  special.insert(number_of(roles_.begin).value_or(-1));
  special.insert(number_of(roles_.end).value_or(-1));

  std::vector<std::pair<std::string, int64_t>> decomposed;
  for (int64_t number = 0; number < size(); ++number) {
    const std::string& token = tokens_[static_cast<size_t>(number)];
    const bool unused = token == unused_token(number);
    texts_.push_back(unused ? roles_.unknown.value_or("") : token);
    const bool is_special = special.contains(number) || unused;
    stands_alone_.push_back(roles_.words || (!is_special && is_slot_mark(token)));
    if (is_special) continue;
    const std::string composed = nfc(token);
    if (!is_slot_mark(token)) longest_ = std::max(longest_, characters(composed).size());
    if (composed == token) {
      ids_.emplace(token, number);
    } else {
      decomposed.emplace_back(composed, number);
    }
  }
  ids_.insert(decomposed.begin(), decomposed.end());  // where both forms are tokens, text is the composed one
}

std::optional<int64_t> Vocabulary::number_of(std::optional<std::string>& role) const {
  if (!role) return std::nullopt;
  const auto token = std::find(tokens_.begin(), tokens_.end(), *role);
  if (token != tokens_.end()) return token - tokens_.begin();
  role.reset();
  return std::nullopt;
}

void Vocabulary::add_unknown(const std::string& piece, Pieces& pieces) const {
  pieces.unknown.push_back(piece);
  if (unknown_) pieces.ids.push_back(*unknown_);
}

/// A character that is no token but whose parts are, as "ế" of "ê" and U+0301.
bool Vocabulary::spell_in_parts(const std::string& character, Pieces& pieces) const {
  const std::vector<std::string> parts = characters(nfd(character));
  std::vector<int64_t> ids;
  for (size_t begin = 0, count = 0; begin < parts.size(); begin += count) {
    auto found = ids_.end();
    for (count = parts.size() - begin; count > 0; --count) {
      found = ids_.find(nfc(joined(parts, begin, count)));
      if (found != ids_.end()) break;
    }
    if (count == 0) return false;
    ids.push_back(found->second);
  }
  pieces.ids.insert(pieces.ids.end(), ids.begin(), ids.end());
  return true;
}

void Vocabulary::spell(std::string_view word, Pieces& pieces) const {
  const std::vector<std::string> letters = characters(word);
  for (size_t begin = 0, count = 0; begin < letters.size(); begin += count) {
    for (count = std::min(longest_, letters.size() - begin); count > 0; --count) {
      const auto found = ids_.find(joined(letters, begin, count));
      if (found == ids_.end() || is_slot_mark(found->first)) continue;
      pieces.ids.push_back(found->second);
      break;
    }
    if (count > 0) continue;
    if (!spell_in_parts(letters[begin], pieces)) add_unknown(letters[begin], pieces);
    count = 1;
  }
}

void Vocabulary::add_word(const std::string& word, Pieces& pieces) const {
  const auto known = ids_.find(word);
  if (known != ids_.end()) {
    pieces.ids.push_back(known->second);
  } else if (roles_.words) {
    add_unknown(word, pieces);
  } else {
    spell(word, pieces);
  }
}

Vocabulary::Pieces Vocabulary::encode(std::string_view text) const {
  const bool in_upper_case = roles_.lower_case && std::any_of(tokens_.begin(), tokens_.end(), is_upper_case_letter);
  Pieces pieces;
  bool first = true;
  for (const std::string& word : split_words(nfc(text))) {
    if (delimiter_ && !first) pieces.ids.push_back(*delimiter_);
    first = false;
    add_word(in_upper_case ? upper_case(word) : word, pieces);
  }
  return pieces;
}

std::vector<int64_t> Vocabulary::encode(std::string_view text, int64_t& unknown) const {
  Pieces pieces = encode(text);
  unknown += static_cast<int64_t>(pieces.unknown.size());
  return std::move(pieces.ids);
}

std::vector<std::string> Vocabulary::unknown_in(std::string_view text) const { return encode(text).unknown; }

std::string Vocabulary::written(const std::string& text) const { return roles_.lower_case ? lower_case(text) : text; }

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
    text += delimiter ? roles_.gap : texts_[static_cast<size_t>(id)];
    after_word = alone;
  }
  const std::string stripped = written(std::string(without_white_space_around(text)));
  return roles_.clean_up ? replace_all(stripped, kLooseSpaces) : stripped;
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
