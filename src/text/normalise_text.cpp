#include "text/normalise_text.h"

#include <algorithm>
#include <vector>

#include "text/utf8.h"

namespace sure {

bool is_slot_mark(std::string_view word) {
  return word.size() > 2 && (word.starts_with("B-") || word.starts_with("E-"));
}

std::string normalise_text(std::string_view text, const TextOptions& options, bool keep_slot_marks) {
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
        if (!is_removed(c)) clean += options.lower_case ? lower_case(c) : c;
      }
    }
    if (!clean.empty() && !result.empty()) result += ' ';
    result += clean;
  }
  return result;
}

}  // namespace sure
