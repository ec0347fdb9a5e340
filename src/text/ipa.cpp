#include "text/ipa.h"

#include <algorithm>
#include <array>

#include "text/arpabet.h"

namespace sure {

namespace {

struct Sound {
  std::string_view ipa;
  std::string_view phoneme;
  std::string_view second = "";
};

// A sign that begins another stands after it.
constexpr std::array kSounds = std::to_array<Sound>({
    {"aɪ", "AY"}, {"aʊ", "AW"}, {"a", "AA"},      {"ɑː", "AA"}, {"ɑ", "AA"}, {"ɒ", "AA"},  {"æ", "AE"},  {"ʌ", "AH"},
    {"ɐ", "AH"},  {"ə", "AH"},  {"ɔɪ", "OY"},     {"ɔː", "AO"}, {"ɔ", "AO"}, {"oʊ", "OW"}, {"oː", "AO"}, {"o", "OW"},
    {"eɪ", "EY"}, {"e", "EY"},  {"ɛ", "EH"},      {"ɜː", "ER"}, {"ɜ", "ER"}, {"ɚ", "ER"},  {"iː", "IY"}, {"i", "IY"},
    {"ɪ", "IH"},  {"ᵻ", "IH"},  {"uː", "UW"},     {"u", "UW"},  {"ʊ", "UH"}, {"b", "B"},   {"tʃ", "CH"}, {"dʒ", "JH"},
    {"d", "D"},   {"ð", "DH"},  {"f", "F"},       {"ɡ", "G"},   {"g", "G"},  {"h", "HH"},  {"j", "Y"},   {"k", "K"},
    {"l", "L"},   {"m", "M"},   {"n̩", "AH", "N"}, {"nʲ", "N"},  {"n", "N"},  {"ŋ", "NG"},  {"p", "P"},   {"ɹ", "R"},
    {"r", "R"},   {"s", "S"},   {"ʃ", "SH"},      {"t", "T"},   {"θ", "TH"}, {"v", "V"},   {"w", "W"},   {"z", "Z"},
    {"ʒ", "ZH"},  {"ɾ", "T"},  // the flap of "better"; espeak writes it where the spelling has d too, which is rarer
    {"ʔ", "T"},                // "button"
    {"x", "K"},                // "loch"
    {"ɬ", "L"}                 // "Lloyd"
});

constexpr std::string_view kPrimary = "ˈ";
constexpr std::string_view kSecondary = "ˌ";

const Sound* sound_at_start(std::string_view ipa) {
  const auto sound =
      std::find_if(kSounds.begin(), kSounds.end(), [&](const Sound& s) { return ipa.starts_with(s.ipa); });
  return sound == kSounds.end() ? nullptr : &*sound;
}

bool skip(std::string_view& text, std::string_view sign) {
  if (!text.starts_with(sign)) return false;
  text.remove_prefix(sign.size());
  return true;
}

}  // namespace

std::optional<std::vector<std::string>> ipa_to_arpabet(std::string_view ipa) {
  std::vector<std::string> phonemes;
  char stress = '0';
  const auto append = [&](std::string_view phoneme) {
    if (phoneme == "R" && !phonemes.empty() && phonemes.back() == "R") return;  // ʊɹ_ɹ is one sound
    phonemes.emplace_back(phoneme);
    if (!is_vowel(phoneme)) return;
    phonemes.back() += stress;
    stress = '0';
  };
  while (!ipa.empty()) {
    if (skip(ipa, "_") || skip(ipa, " ")) continue;
    if (skip(ipa, kPrimary)) {
      stress = '1';
    } else if (skip(ipa, kSecondary)) {
      stress = '2';
    } else if (const Sound* sound = sound_at_start(ipa)) {
      ipa.remove_prefix(sound->ipa.size());
      append(sound->phoneme);
      if (!sound->second.empty()) append(sound->second);
    } else {
      return std::nullopt;
    }
  }
  return phonemes;
}

}  // namespace sure
