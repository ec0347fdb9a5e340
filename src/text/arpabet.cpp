#include "text/arpabet.h"

#include <algorithm>
#include <array>

namespace sure {

namespace {

constexpr std::array kPhonemes = {"AA", "AE", "AH", "AO", "AW", "AY", "B",  "CH", "D", "DH", "EH", "ER", "EY",
                                  "F",  "G",  "HH", "IH", "IY", "JH", "K",  "L",  "M", "N",  "NG", "OW", "OY",
                                  "P",  "R",  "S",  "SH", "T",  "TH", "UH", "UW", "V", "W",  "Y",  "Z",  "ZH"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::vector<std::string> symbols(bool stress) {
  std::vector<std::string> all = {kSilence, kSpokenNoise};
  for (const std::string phoneme : kPhonemes) {
    if (stress && is_vowel(phoneme)) {
      for (const char* mark : {"0", "1", "2"}) all.push_back(phoneme + mark);
    } else {
      all.push_back(phoneme);
    }
  }
  return all;
}

}  // namespace

const std::vector<std::string>& arpabet(bool stress) {
  static const std::vector<std::string> stressed = symbols(true);
  static const std::vector<std::string> plain = symbols(false);
  return stress ? stressed : plain;
}

bool is_vowel(std::string_view phoneme) {
  constexpr std::string_view kFirstLetters = "AEIOU";
  return !phoneme.empty() && kFirstLetters.find(phoneme.front()) != std::string_view::npos;
}

std::string without_stress(std::string_view phoneme) {
  if (!phoneme.empty() && is_digit(phoneme.back())) phoneme.remove_suffix(1);
  return std::string(phoneme);
}

}  // namespace sure
