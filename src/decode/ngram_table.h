// A hash table of n-grams under 64-bit keys: open addressing, 16 bytes a slot, no strings.
#pragma once

#include <cstdint>
#include <vector>

namespace sure {

/// log10 values of one n-gram.
struct NgramScores {
  float probability = 0;
  float back_off = 0;
};

class NgramTable {
 public:
  /// The key of an n-gram made of `key` (0 for none) and one more word. Never 0.
  static uint64_t extend_key(uint64_t key, uint64_t word);

  /// Room for `count` n-grams, which insert() may not exceed.
  explicit NgramTable(size_t count);

  /// False when the key is there already.
  bool insert(uint64_t key, NgramScores scores);

  /// Null when the key is not there.
  const NgramScores* find(uint64_t key) const;

 private:
  struct Slot {
    uint64_t key = 0;  // 0: empty
    NgramScores scores;
  };

  size_t position_of(uint64_t key) const;

  std::vector<Slot> slots_;  // a power of two, at most half full
};

}  // namespace sure
