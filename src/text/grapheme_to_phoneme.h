// From English words to ARPAbet: the lexicon's pronunciation, for words it lacks espeak-ng's or one by letter-to-sound
// rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/lexicon.h"

namespace sure {

/// Who pronounces words that the lexicon lacks: espeak-ng, rules, or (automatic) espeak-ng where it works, else rules.
enum class GraphemeToPhoneme { automatic, espeak, rules };

/// By name: "auto", "espeak", "rules". Throws a usage Error that lists them.
GraphemeToPhoneme grapheme_to_phoneme(std::string_view name);

/// How many different words the lexicon lacked, and who pronounced them.
struct OutOfVocabulary {
  int64_t words = 0;
  int64_t by_espeak = 0;
  int64_t by_rules = 0;
  int64_t unpronounced = 0;  // no Latin letters in them: spoken noise, SPN
};

class Pronouncer {
 public:
  Pronouncer(Lexicon lexicon, GraphemeToPhoneme kind);

  /// Finds pronunciations for all words of `texts` that the lexicon lacks, with a single run of espeak-ng. Throws Error
  /// when espeak-ng was asked for and fails.
  void prepare(const std::vector<std::string>& texts);

  /// The phonemes of the words of `text`, with stress where the lexicon has it. Prepares what `prepare` has not seen.
  std::vector<std::string> pronounce(std::string_view text);

  const Lexicon& lexicon() const { return lexicon_; }
  const OutOfVocabulary& out_of_vocabulary() const { return counts_; }

  /// What a person should know: that espeak-ng could not be used, and why.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  std::vector<std::string> unheard_words(const std::vector<std::string>& texts) const;
  void ask_espeak(const std::vector<std::string>& words);
  void apply_rules(const std::vector<std::string>& words);
  void learn(const std::string& word, std::vector<std::string> phonemes);

  Lexicon lexicon_;
  GraphemeToPhoneme kind_;
  std::unordered_map<std::string, std::vector<std::string>> learnt_;
  OutOfVocabulary counts_;
  std::vector<std::string> notes_;
};

}  // namespace sure
