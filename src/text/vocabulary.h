// What a CTC model's outputs stand for: characters, phonemes, slot marks; read from and written to transformers'
// vocab.json. Text becomes token numbers and back as transformers' Wav2Vec2CTCTokenizer does it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sure {

class Vocabulary {
 public:
  /// `tokens`: UTF-8, the position is the number. Throws Error when a token stands twice or is empty, or when the
  /// blank,
  /// "<pad>" or "[PAD]", is missing. "<unk>" or "[UNK]" is the unknown token, "|" the delimiter between words; a
  /// vocabulary may lack them.
  explicit Vocabulary(std::vector<std::string> tokens);

  int64_t size() const { return static_cast<int64_t>(tokens_.size()); }
  const std::vector<std::string>& tokens() const { return tokens_; }
  int64_t blank() const { return blank_; }
  std::optional<int64_t> unknown() const { return unknown_; }
  std::optional<int64_t> delimiter() const { return delimiter_; }

  /// The numbers of `text`, words separated by spaces. With a delimiter, it stands between words; a word that is a
  /// token of several characters (a slot mark) is that token, the others are spelled. Without, each word is one token
  /// (phonemes). What is no token becomes the unknown token, or is left out where there is none, and is counted in
  /// `unknown`. The special tokens (blank, unknown, delimiter, <s>, </s>) are never found in text.
  std::vector<int64_t> encode(std::string_view text, int64_t& unknown) const;

  /// The text of `ids` (repeats already merged). Blanks are left out, other special tokens shown, as transformers does.
  /// With a delimiter, it is a space, and tokens of several characters have spaces around them; without, tokens are
  /// separated by spaces. Throws Error for a number that is no token's.
  std::string decode(std::span<const int64_t> ids) const;

 private:
  void append_encoded(std::string_view token, std::vector<int64_t>& ids, int64_t& unknown) const;
  std::optional<int64_t> find(std::initializer_list<std::string_view> names) const;

  std::vector<std::string> tokens_;
  std::unordered_map<std::string, int64_t> ids_;  // of the tokens that text may hold
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

/// A vocab.json: one object of token → number, the numbers 0 … N-1 in any order. In a file for many languages
/// ({"eng": {…}, "fra": {…}}, as MMS has) `language` names the one wanted. Throws Error naming file and token.
Vocabulary read_vocab_json(const std::filesystem::path& path, const std::string& language = "");

/// Writes what `read_vocab_json` and transformers read, in the order of the numbers.
void write_vocab_json(const std::filesystem::path& path, const Vocabulary& vocabulary);

}  // namespace sure
