// What a synthesiser that knows phonemes reads: ARPAbet with stress, and the punctuation that shapes a sentence.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/grapheme_to_phoneme.h"

namespace sure {

/// "Hello, world." as HH AH0 L OW1 , W ER1 L D . : the text read aloud (spoken_english), each word's phonemes, and each
/// of , . ; : ! ? behind them once. Throws Error as the pronouncer does.
std::vector<std::string> speech_symbols(std::string_view text, Pronouncer& pronouncer);

/// All that speech_symbols can return: ARPAbet with stress, silence and spoken noise, the punctuation.
const std::vector<std::string>& speech_symbol_names();

}  // namespace sure
