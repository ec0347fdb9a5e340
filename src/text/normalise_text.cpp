#include "text/normalise_text.h"

#include <algorithm>
#include <vector>

#include "text/letter_case.h"
#include "text/utf8.h"

namespace sure {

bool is_slot_mark(std::string_view word) {
  return word.size() > 2 && (word.starts_with("B-") || word.starts_with("E-"));
}

std::string normalise_text(std::string_view text, const TextOptions& options, bool keep_slot_marks) {
  const LetterCase& letters = find_letter_case(options.letter_case);
  const std::vector<std::string> removed = characters(nfc(options.remove_punctuation));
  const auto is_removed = [&](const std::string& c) {
    return std::find(removed.begin(), removed.end(), c) != removed.end();
  };
  std::string result;
  for (const std::string& word : split_words(nfc(text))) {
    std::string clean;
    if (keep_slot_marks && is_slot_mark(word)) {
      clean = word;
    } else {
      for (const std::string& c : characters(word)) {
        if (!is_removed(c)) clean += letters.apply(c);
      }
    }
    if (!clean.empty() && !result.empty()) result += ' ';
    result += clean;
  }
  return result;
}

}  // namespace sure
