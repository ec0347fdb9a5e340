#include "text/normalise_text.h"

#include <algorithm>
#include <vector>

#include "text/letter_case.h"
#include "text/utf8.h"

namespace sure {

namespace {

/// The characters that are written as `plain`.
struct PlainQuote {
  const char* plain;
  std::vector<std::string> typographic;
};

const std::vector<PlainQuote> kPlainQuotes = {{"'", {"’", "‘", "‛", "ʼ", "＇"}}, {"\"", {"“", "”", "„", "‟", "＂"}}};

std::string plain_quote(const std::string& c) {
  for (const auto& [plain, typographic] : kPlainQuotes) {
    if (std::find(typographic.begin(), typographic.end(), c) != typographic.end()) return plain;
  }
  return c;
}

/// The characters of `text` as the options want them written.
std::vector<std::string> written_characters(std::string_view text, const TextOptions& options) {
  std::vector<std::string> all = characters(text);
  if (options.plain_quotes) std::transform(all.begin(), all.end(), all.begin(), plain_quote);
  return all;
}

}  // namespace

bool is_slot_mark(std::string_view word) {
  return word.size() > 2 && (word.starts_with("B-") || word.starts_with("E-"));
}

std::string normalise_text(std::string_view text, const TextOptions& options, bool keep_slot_marks) {
  const LetterCase& letters = find_letter_case(options.letter_case);
  const std::vector<std::string> removed = written_characters(nfc(options.remove_punctuation), options);
  const auto is_removed = [&](const std::string& c) {
    return std::find(removed.begin(), removed.end(), c) != removed.end();
  };
  std::string result;
  for (const std::string& word : split_words(nfc(text))) {
    std::string clean;
    if (keep_slot_marks && is_slot_mark(word)) {
      clean = word;
    } else {
      for (const std::string& c : written_characters(word, options)) {
        if (!is_removed(c)) clean += letters.apply(c);
      }
    }
    if (!clean.empty() && !result.empty()) result += ' ';
    result += clean;
  }
  return result;
}

}  // namespace sure
