#include "text/speech_symbols.h"

#include "text/arpabet.h"
#include "text/spoken_english.h"
#include "text/utf8.h"

namespace sure {

namespace {

constexpr std::string_view kMarks = ",.;:!?";

bool is_mark(const std::string& c) { return c.size() == 1 && kMarks.find(c) != std::string_view::npos; }

/// Letters and apostrophes: what a lexicon has.
bool is_spoken(const std::string& c) { return is_latin_letter(c) || c == "'"; }

std::string words_only(const std::vector<std::string>& all) {
  std::string words;
  for (const std::string& c : all) words += is_spoken(c) ? c : " ";
  return words;
}

}  // namespace

const std::vector<std::string>& speech_symbol_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = arpabet(/*stress=*/true);
    for (const char mark : kMarks) all.emplace_back(1, mark);
    return all;
  }();
  return names;
}

std::vector<std::string> speech_symbols(std::string_view text, Pronouncer& pronouncer) {
  const std::vector<std::string> spoken = characters(spoken_english(text));
  pronouncer.prepare({words_only(spoken)});
  std::vector<std::string> symbols;
  std::string words;
  const auto take_words = [&] {
    const std::vector<std::string> phonemes = pronouncer.pronounce(words);
    symbols.insert(symbols.end(), phonemes.begin(), phonemes.end());
    words.clear();
  };
  for (const std::string& c : spoken) {
    if (!is_mark(c)) {
      words += is_spoken(c) ? c : " ";
      continue;
    }
    take_words();
    if (!symbols.empty() && !is_mark(symbols.back())) symbols.push_back(c);
  }
  take_words();
  return symbols;
}

}  // namespace sure
