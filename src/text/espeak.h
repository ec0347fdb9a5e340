// espeak-ng, the program, as a pronouncing dictionary of American English.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sure {

/// The IPA of each of `words` (letters, digits, apostrophes, hyphens), phonemes separated by '_', from one run of the
/// program. Throws Error when espeak-ng is not installed, fails, or does not answer with one line for each word.
std::vector<std::string> espeak_ipa(const std::vector<std::string>& words);

/// True for words that `espeak_ipa` takes: Latin letters or digits, with apostrophes and hyphens.
bool espeak_takes(std::string_view word);

}  // namespace sure
