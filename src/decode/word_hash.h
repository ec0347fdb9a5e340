// Words as 64-bit hashes that grow letter by letter (FNV-1a), so that a search needs no strings.
#pragma once

#include <cstdint>
#include <string_view>

namespace sure {

inline constexpr uint64_t kEmptyWord = 0xCBF29CE484222325U;

/// The hash of a word that goes on with `letters`.
inline uint64_t extend_word(uint64_t hash, std::string_view letters) {
  for (const char byte : letters) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001B3U;
  return hash;
}

inline uint64_t hash_word(std::string_view word) { return extend_word(kEmptyWord, word); }

}  // namespace sure
