// English spelling to ARPAbet by a table of letter groups, for words that no dictionary has: rough, but never silent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sure {

/// Phonemes of `word`, the first vowel with primary stress, the others without: "knight" is N AY1 T. Accents and what
/// is no letter a–z are passed over; none for a word without such letters. Throws Error for broken UTF-8.
std::vector<std::string> letter_to_sound(std::string_view word);

}  // namespace sure
