// English text written out as it is read aloud, for models that know letters or phonemes but no digits: numbers,
// ordinals, years, decades, dates, times, currencies, units, fractions, abbreviations and signs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sure {

/// "Dr. Lee paid $3.50 on May 2nd, 1998." as "doctor Lee paid three dollars fifty cents on May second, nineteen ninety
/// eight." Words and punctuation stay, typographic quotes and dashes become plain, white space becomes single spaces.
/// Throws Error for broken UTF-8.
std::string spoken_english(std::string_view text);

/// Whether a letter or a digit is in it.
bool can_be_said(std::string_view text);

/// Sentences of at most `most` characters each, in order: cut behind . ! ? and at line ends, longer ones at the last
/// comma or space before the limit. None for a text of white space. Not to be called before spoken_english, whose
/// sentences have no dots in abbreviations.
std::vector<std::string> sentences_of(std::string_view text, size_t most);

}  // namespace sure
