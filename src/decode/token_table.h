// The tokens of a CTC vocabulary and how they make words.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace sure {

enum class TokenKind {
  blank,      // of CTC
  delimiter,  // between words
  letter,     // part of a word, one character or several
  special,    // <unk>, <s>, </s>: a word of its own that no lexicon has
  word,       // a word of its own: a slot mark like "B-artist", or any token of a vocabulary without delimiter
};

class TokenTable {
 public:
  /// `tokens` by id. `delimiter` is -1 where there is none: each token is then a word, unless they are `spelled`
  /// (scripts without spaces); else all but slot marks are letters. Throws a usage Error for ids that are not in the
  /// vocabulary.
  TokenTable(std::vector<std::string> tokens, int64_t blank, int64_t delimiter, bool spelled = false);

  int64_t size() const { return static_cast<int64_t>(tokens_.size()); }
  int64_t blank() const { return blank_; }
  int64_t delimiter() const { return delimiter_; }
  bool has_delimiter() const { return delimiter_ >= 0; }
  const std::string& text(int64_t token) const { return tokens_[static_cast<size_t>(token)]; }
  TokenKind kind(int64_t token) const { return kinds_[static_cast<size_t>(token)]; }

  /// -1 when there is no such token.
  int64_t id(const std::string& text) const;

 private:
  std::vector<std::string> tokens_;
  std::vector<TokenKind> kinds_;
  std::unordered_map<std::string, int64_t> ids_;
  int64_t blank_;
  int64_t delimiter_;
};

}  // namespace sure
