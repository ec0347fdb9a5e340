// The International Phonetic Alphabet, as espeak-ng writes American English, in ARPAbet.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sure {

/// "k_ˈæ_t" as K AE1 T: vowels after ˈ have stress 1, after ˌ 2, others 0; '_' and spaces separate phonemes. Nothing
/// when a sign is not one of English.
std::optional<std::vector<std::string>> ipa_to_arpabet(std::string_view ipa);

}  // namespace sure
