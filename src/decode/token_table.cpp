#include "decode/token_table.h"

#include <algorithm>

#include "core/error.h"
#include "text/normalise_text.h"

namespace sure {

namespace {

constexpr std::string_view kSpecial[] = {"<unk>", "[UNK]", "<s>", "</s>"};

TokenKind kind_of(const std::string& token, int64_t id, int64_t blank, int64_t delimiter, bool spelled) {
  if (id == blank) return TokenKind::blank;
  if (id == delimiter) return TokenKind::delimiter;
  if (std::find(std::begin(kSpecial), std::end(kSpecial), token) != std::end(kSpecial)) return TokenKind::special;
  return (delimiter >= 0 || spelled) && !is_slot_mark(token) ? TokenKind::letter : TokenKind::word;
}

}  // namespace

TokenTable::TokenTable(std::vector<std::string> tokens, int64_t blank, int64_t delimiter, bool spelled)
    : tokens_(std::move(tokens)), blank_(blank), delimiter_(delimiter) {
  if (blank < 0 || blank >= size()) fail_usage("blank token {}: expected an id of the {} tokens", blank, size());
  if (delimiter < -1 || delimiter >= size() || delimiter == blank) {
    fail_usage("word delimiter {}: expected -1 or an id of the {} tokens other than the blank's", delimiter, size());
  }
  for (int64_t id = 0; id < size(); ++id) {
    kinds_.push_back(kind_of(text(id), id, blank, delimiter, spelled));
    ids_.emplace(text(id), id);
  }
}

int64_t TokenTable::id(const std::string& text) const {
  const auto found = ids_.find(text);
  return found == ids_.end() ? -1 : found->second;
}

}  // namespace sure
