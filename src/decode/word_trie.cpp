#include "decode/word_trie.h"

#include "core/error.h"
#include "text/utf8.h"

namespace sure {

namespace {

uint64_t edge_key(int32_t node, int64_t token) {
  return static_cast<uint64_t>(node) << 32U | static_cast<uint64_t>(token);
}

}  // namespace

WordTrie::WordTrie(const std::filesystem::path& file, const TokenTable& tokens) {
  TextLines lines(file);
  while (lines.next()) add(std::string(lines.fields()[0]), spell(lines, tokens));
  if (edges_.empty()) lines.refuse("a word on each line");
}

std::vector<int64_t> WordTrie::spell(const TextLines& lines, const TokenTable& tokens) const {
  const auto& fields = lines.fields();
  std::vector<std::string> units(fields.begin() + 1, fields.end());
  if (units.empty()) units = characters(fields[0]);
  if (units.size() > 1 && tokens.id(units.back()) == tokens.delimiter()) units.pop_back();
  std::vector<int64_t> spelling;
  for (const std::string& unit : units) {
    const int64_t id = tokens.id(unit);
    if (id < 0 || tokens.kind(id) != TokenKind::letter) {
      lines.refuse("words that letters of the vocabulary spell", fmt::format("'{}' in '{}'", unit, fields[0]));
    }
    spelling.push_back(id);
  }
  return spelling;
}

void WordTrie::add(const std::string& word, const std::vector<int64_t>& spelling) {
  int32_t node = kRoot;
  for (const int64_t token : spelling) {
    const auto [edge, is_new] = edges_.try_emplace(edge_key(node, token), static_cast<int32_t>(words_.size()));
    if (is_new) words_.emplace_back();
    node = edge->second;
  }
  std::string& here = words_[static_cast<size_t>(node)];
  if (here.empty()) here = word;
}

int32_t WordTrie::next(int32_t node, int64_t token) const {
  const auto edge = edges_.find(edge_key(node, token));
  return edge == edges_.end() ? -1 : edge->second;
}

const std::string* WordTrie::word(int32_t node) const {
  const std::string& here = words_[static_cast<size_t>(node)];
  return here.empty() ? nullptr : &here;
}

}  // namespace sure
