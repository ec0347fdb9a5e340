#include "decode/word_trie.h"

#include "core/error.h"
#include "text/utf8.h"

namespace sure {

namespace {

uint64_t edge_key(int32_t node, int64_t token) {
  return static_cast<uint64_t>(node) << 32U | static_cast<uint64_t>(token);
}

/// What a line spells its word in.
std::vector<std::string> units_of(const TextLines& lines, const TokenTable& tokens) {
  const auto& fields = lines.fields();
  std::vector<std::string> units(fields.begin() + 1, fields.end());
  if (units.empty()) units = characters(fields[0]);
  if (units.size() > 1 && tokens.id(units.back()) == tokens.delimiter()) units.pop_back();
  return units;
}

/// The letter's id, or that of the other case where the vocabulary lacks it; -1 for none.
int64_t letter(const std::string& unit, const TokenTable& tokens) {
  for (const std::string& spelled : {unit, lower_case(unit), upper_case(unit)}) {
    const int64_t id = tokens.id(spelled);
    if (id >= 0) return tokens.kind(id) == TokenKind::letter ? id : -1;
  }
  return -1;
}

/// The line's word, in the case of what it was spelled in.
std::string in_case_of(const std::vector<int64_t>& spelling, const TextLines& lines, const TokenTable& tokens) {
  const std::string word(lines.fields()[0]);
  const std::vector<std::string> units = units_of(lines, tokens);
  for (size_t i = 0; i < units.size(); ++i) {
    const std::string& found = tokens.text(spelling[i]);
    if (found != units[i]) return found == lower_case(units[i]) ? lower_case(word) : upper_case(word);
  }
  return word;
}

}  // namespace

WordTrie::WordTrie(const std::filesystem::path& file, const TokenTable& tokens) {
  TextLines lines(file);
  while (lines.next()) {
    const std::vector<int64_t> spelling = spell(lines, tokens);
    add(in_case_of(spelling, lines, tokens), spelling);
  }
  if (edges_.empty()) lines.refuse("a word on each line");
}

std::vector<int64_t> WordTrie::spell(const TextLines& lines, const TokenTable& tokens) const {
  std::vector<int64_t> spelling;
  for (const std::string& unit : units_of(lines, tokens)) {
    spelling.push_back(letter(unit, tokens));
    if (spelling.back() >= 0) continue;
    lines.refuse("words that letters of the vocabulary spell", fmt::format("'{}' in '{}'", unit, lines.fields()[0]));
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
