// UTF-8 text as code points: checking, composing, changing case, splitting (Unicode through utf8proc).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sure {

bool is_utf8(std::string_view text);

/// `text` without the mark that some editors put at the start of a file.
std::string_view without_byte_order_mark(std::string_view text);

/// Normalisation form C: "e" followed by U+0301 becomes "é". Throws Error for broken UTF-8.
std::string nfc(std::string_view text);

/// Normalisation form D: "é" becomes "e" followed by U+0301. Throws Error for broken UTF-8.
std::string nfd(std::string_view text);

/// Without accents: "é" becomes "e". Throws Error for broken UTF-8.
std::string without_accents(std::string_view text);

/// Each code point in lower case by Unicode's simple mapping, the same in every locale: "İ" becomes "i", "ẞ" "ß".
/// Throws Error for broken UTF-8.
std::string lower_case(std::string_view text);

/// Each code point in upper case by Unicode's simple mapping. Throws Error for broken UTF-8.
std::string upper_case(std::string_view text);

/// One string for each code point. Throws Error for broken UTF-8.
std::vector<std::string> characters(std::string_view text);

/// The words of `text`: what stands between runs of Unicode white space. Throws Error for broken UTF-8.
std::vector<std::string> split_words(std::string_view text);

/// `text` without Unicode white space at its ends. Throws Error for broken UTF-8.
std::string_view without_white_space_around(std::string_view text);

/// True for the letters of Latin alphabets: a–z, accented letters, up to U+024F. `character` is one code point.
bool is_latin_letter(std::string_view character);

}  // namespace sure
