#include "text/grapheme_to_phoneme.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/registry.h"
#include "text/arpabet.h"
#include "text/espeak.h"
#include "text/ipa.h"
#include "text/letter_to_sound.h"
#include "text/utf8.h"

namespace sure {

namespace {

struct NamedKind {
  std::string_view name;
  GraphemeToPhoneme kind;
};

const std::vector<NamedKind>& kinds() {
  static const std::vector<NamedKind> table = {{"auto", GraphemeToPhoneme::automatic},
                                               {"espeak", GraphemeToPhoneme::espeak},
                                               {"rules", GraphemeToPhoneme::rules}};
  return table;
}

std::string key_of(std::string_view word) { return lower_case(nfc(word)); }

}  // namespace

GraphemeToPhoneme grapheme_to_phoneme(std::string_view name) {
  return find_row(kinds(), name, "way to pronounce words").kind;
}

Pronouncer::Pronouncer(Lexicon lexicon, GraphemeToPhoneme kind) : lexicon_(std::move(lexicon)), kind_(kind) {}

std::vector<std::string> Pronouncer::unheard_words(const std::vector<std::string>& texts) const {
  std::set<std::string> unheard;
  for (const std::string& text : texts) {
    for (const std::string& word : split_words(text)) {
      std::string key = key_of(word);
      if (!lexicon_.contains(key) && !learnt_.contains(key)) unheard.insert(std::move(key));
    }
  }
  return {unheard.begin(), unheard.end()};
}

void Pronouncer::prepare(const std::vector<std::string>& texts) {
  std::vector<std::string> unheard = unheard_words(texts);
  counts_.words += static_cast<int64_t>(unheard.size());
  if (kind_ != GraphemeToPhoneme::rules) ask_espeak(unheard);
  std::erase_if(unheard, [&](const std::string& word) { return learnt_.contains(word); });
  apply_rules(unheard);
}

void Pronouncer::ask_espeak(const std::vector<std::string>& unheard) {
  std::vector<std::string> asked;
  std::copy_if(unheard.begin(), unheard.end(), std::back_inserter(asked), espeak_takes);
  if (asked.empty()) return;
  std::vector<std::string> answers;
  try {
    answers = espeak_ipa(asked);
  } catch (const Error& error) {
    if (kind_ == GraphemeToPhoneme::espeak) throw;
    kind_ = GraphemeToPhoneme::rules;
    notes_.push_back(
        fmt::format("{}: words that the lexicon lacks are pronounced by letter-to-sound rules", error.what()));
    return;
  }
  for (size_t i = 0; i < asked.size(); ++i) {
    std::optional<std::vector<std::string>> phonemes = ipa_to_arpabet(answers[i]);
    if (!phonemes || phonemes->empty()) continue;
    learn(asked[i], std::move(*phonemes));
    ++counts_.by_espeak;
  }
}

void Pronouncer::apply_rules(const std::vector<std::string>& unheard) {
  for (const std::string& word : unheard) {
    std::vector<std::string> phonemes = letter_to_sound(word);
    ++(phonemes.empty() ? counts_.unpronounced : counts_.by_rules);
    if (phonemes.empty()) phonemes = {kSpokenNoise};
    learn(word, std::move(phonemes));
  }
}

void Pronouncer::learn(const std::string& word, std::vector<std::string> phonemes) {
  if (!lexicon_.has_stress()) {
    for (std::string& phoneme : phonemes) phoneme = without_stress(phoneme);
  }
  learnt_[word] = std::move(phonemes);
}

std::vector<std::string> Pronouncer::pronounce(std::string_view text) {
  prepare({std::string(text)});
  std::vector<std::string> phonemes;
  for (const std::string& word : split_words(text)) {
    const auto learnt = learnt_.find(key_of(word));
    const std::vector<std::string> sounds = learnt == learnt_.end() ? lexicon_.pronounce(word) : learnt->second;
    phonemes.insert(phonemes.end(), sounds.begin(), sounds.end());
  }
  return phonemes;
}

}  // namespace sure
