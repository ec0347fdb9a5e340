// The words that a decoder may say, as a trie over their tokens.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "decode/token_table.h"
#include "text/text_lines.h"

namespace sure {

class WordTrie {
 public:
  static constexpr int32_t kRoot = 0;

  /// Each line is a word, which is then spelled in characters, or a word and its tokens (a delimiter at the end is left
  /// out). Of words with the same tokens the first stays. Throws Error with file and line for what the vocabulary
  /// cannot spell and for text that is not UTF-8, and for a file without words.
  WordTrie(const std::filesystem::path& file, const TokenTable& tokens);

  /// The node behind `token`, -1 when no word goes on so.
  int32_t next(int32_t node, int64_t token) const;

  /// The word that ends at `node`; null when none does.
  const std::string* word(int32_t node) const;

 private:
  std::vector<int64_t> spell(const TextLines& lines, const TokenTable& tokens) const;
  void add(const std::string& word, const std::vector<int64_t>& spelling);

  std::unordered_map<uint64_t, int32_t> edges_;  // by node and token
  std::vector<std::string> words_ = {""};        // by node; empty where none ends
};

}  // namespace sure
