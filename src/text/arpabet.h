// ARPAbet, the phonemes of the CMU pronouncing dictionary: 15 vowels, which may carry stress, and 24 consonants.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sure {

/// Silence and spoken noise, what Kaldi's LibriSpeech lexicon says of words that nobody can pronounce.
inline constexpr const char* kSilence = "SIL";
inline constexpr const char* kSpokenNoise = "SPN";

/// SIL, SPN, then the phonemes in alphabetical order. With stress each vowel stands three times (AA0 unstressed, AA1
/// primary, AA2 secondary): 71 symbols, which are s3prl's downstream/ctc/vocab/phoneme.txt and the phonemes of the SURE
/// paper's code, in their order; 72 with the CTC blank. Without stress: 41.
const std::vector<std::string>& arpabet(bool stress);

/// True for a vowel with or without its stress: "AA", "AA1".
bool is_vowel(std::string_view phoneme);

/// "AA1" as "AA"; consonants as they are.
std::string without_stress(std::string_view phoneme);

}  // namespace sure
