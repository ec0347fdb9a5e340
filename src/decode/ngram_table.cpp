#include "decode/ngram_table.h"

#include <bit>

namespace sure {

uint64_t NgramTable::extend_key(uint64_t key, uint64_t word) {
  // SplitMix64 (Steele et al. 2014), as the keys' low bits are slots.
  uint64_t mixed = key + (word + 1) * 0x9E3779B97F4A7C15U;
  mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
  mixed ^= mixed >> 31U;
  return mixed == 0 ? 1 : mixed;
}

NgramTable::NgramTable(size_t count) : slots_(std::bit_ceil(2 * count + 1)) {}

size_t NgramTable::position_of(uint64_t key) const {
  const size_t mask = slots_.size() - 1;
  size_t position = key & mask;
  while (slots_[position].key != 0 && slots_[position].key != key) position = (position + 1) & mask;
  return position;
}

bool NgramTable::insert(uint64_t key, NgramScores scores) {
  Slot& slot = slots_[position_of(key)];
  if (slot.key == key) return false;
  slot = {key, scores};
  return true;
}

const NgramScores* NgramTable::find(uint64_t key) const {
  const Slot& slot = slots_[position_of(key)];
  return slot.key == key ? &slot.scores : nullptr;
}

}  // namespace sure
