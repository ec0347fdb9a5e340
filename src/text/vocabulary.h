// What a CTC model's outputs stand for: characters, phonemes, slot marks; read from and written to transformers'
// vocab.json. Text becomes token numbers and back as transformers' Wav2Vec2CTCTokenizer does it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sure {

/// What tokens mean besides text; empty: no token does. In brackets, the keys of transformers' tokenizer_config.json.
struct TokenRoles {
  std::optional<std::string> blank = {};      // CTC's (pad_token)
  std::optional<std::string> unknown = {};    // (unk_token)
  std::optional<std::string> delimiter = {};  // between words (word_delimiter_token)
  std::optional<std::string> begin = {};      // (bos_token)
  std::optional<std::string> end = {};        // (eos_token)
  std::string gap = " ";                      // what text has for the delimiter (replace_word_delimiter_char)
  bool lower_case = false;                    // tokens are upper case, text is lower case (do_lower_case)
  bool clean_up = false;                      // no space before punctuation (clean_up_tokenization_spaces)
  bool words = false;                         // each token is a word (phonemes); else tokens spell words

  bool operator==(const TokenRoles&) const = default;
};

/// Calls visit(key of transformers, field).
template <class Visitor>
void visit_roles(TokenRoles& roles, Visitor&& visit) {
  visit("pad_token", roles.blank);
  visit("unk_token", roles.unknown);
  visit("word_delimiter_token", roles.delimiter);
  visit("bos_token", roles.begin);
  visit("eos_token", roles.end);
  visit("replace_word_delimiter_char", roles.gap);
  visit("do_lower_case", roles.lower_case);
  visit("clean_up_tokenization_spaces", roles.clean_up);
  visit("words", roles.words);
}

/// Those that names tell: "<pad>" or "[PAD]", "<unk>" or "[UNK]", "|", "<s>", "</s>"; without "|", tokens are words.
TokenRoles usual_roles(const std::vector<std::string>& tokens);

/// The name of an output that no token is for.
std::string unused_token(int64_t number);

class Vocabulary {
 public:
  /// `tokens`: UTF-8, the position is the number. Throws Error when a token stands twice or is empty, or when the
  /// blank is missing. Roles of tokens that are not there are dropped.
  Vocabulary(std::vector<std::string> tokens, TokenRoles roles);
  explicit Vocabulary(std::vector<std::string> tokens);

  int64_t size() const { return static_cast<int64_t>(tokens_.size()); }
  const std::vector<std::string>& tokens() const { return tokens_; }
  const TokenRoles& roles() const { return roles_; }
  int64_t blank() const { return blank_; }
  std::optional<int64_t> unknown() const { return unknown_; }
  std::optional<int64_t> delimiter() const { return delimiter_; }

  /// The numbers of `text`, words separated by spaces. Where tokens are words, each word is one (phonemes). Else a word
  /// that is a token (a slot mark) is that token, others are spelled by the longest tokens that fit, whether these and
  /// the text hold a character composed or as its parts, and the delimiter stands between words. What is no token
  /// becomes the unknown token, or is left out where there is none, and is counted in `unknown`. The special tokens
  /// (those with a role) are never found in text.
  std::vector<int64_t> encode(std::string_view text, int64_t& unknown) const;

  /// The characters, or words, that `encode` counts.
  std::vector<std::string> unknown_in(std::string_view text) const;

  /// The text of `ids` (repeats already merged), as transformers writes it: blanks are left out, other special tokens
  /// shown, an unused output as the unknown token. Slot marks, and tokens that are words, have spaces around them.
  /// Throws Error for a number that is no token's.
  std::string decode(std::span<const int64_t> ids) const;

  /// `text` of some tokens in the case of decoded text.
  std::string written(const std::string& text) const;

 private:
  struct Pieces;  // of encoded text

  void add_word(const std::string& word, Pieces& pieces) const;
  void spell(std::string_view word, Pieces& pieces) const;
  bool spell_in_parts(const std::string& character, Pieces& pieces) const;
  void add_unknown(const std::string& piece, Pieces& pieces) const;
  Pieces encode(std::string_view text) const;
  std::optional<int64_t> number_of(std::optional<std::string>& role) const;

  std::vector<std::string> tokens_;
  TokenRoles roles_;
  std::unordered_map<std::string, int64_t> ids_;  // of the tokens that text may hold, by their composed form
  size_t longest_ = 1;                            // characters of the longest of them that spells
  std::vector<std::string> texts_;                // by number: in decoded text
  std::vector<bool> stands_alone_;                // by number: a word of its own in decoded text
  int64_t blank_ = 0;
  std::optional<int64_t> unknown_;
  std::optional<int64_t> delimiter_;
};

/// <pad>, <unk>, |, the characters of `texts` in code point order and, with `slot_marks`, the marks in alphabetical
/// order.
Vocabulary character_vocabulary(const std::vector<std::string>& texts, bool slot_marks = false);

/// <pad>, <unk> and `arpabet(stress)`.
Vocabulary phoneme_vocabulary(bool stress = true);

struct VocabJson {
  std::map<int64_t, std::string> tokens;  // by number
  bool has_languages = false;             // the file holds a vocabulary for each
};

/// A vocab.json: one object of token → number. In a file for many languages ({"eng": {…}, "fra": {…}}, as MMS has)
/// `language` names the one wanted; where it is empty, `usual_language` does. Throws Error naming file and token.
VocabJson read_vocab_json(const std::filesystem::path& path, const std::string& language = "",
                          const std::string& usual_language = "");

/// Writes what `read_vocab_json` and transformers read, in the order of the numbers; unused outputs are left out.
void write_vocab_json(const std::filesystem::path& path, const Vocabulary& vocabulary);

}  // namespace sure
