// What a matrix product reads: rows of A, and columns of B packed into a panel.
#pragma once

#include <type_traits>

#include "kernels/simd/vector.h"

namespace sure::SURE_SIMD {

/// Elements in a word of k.
template <class T>
constexpr int64_t kWord = sizeof(uint32_t) / sizeof(T);

template <class T>
constexpr int64_t words_of(int64_t k) {
  return (k + kWord<T> - 1) / kWord<T>;
}

constexpr int64_t round_up(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

/// Whether the processor's matrix unit multiplies T.
template <class T>
constexpr bool kHasTiles =
#ifdef __AMX_BF16__
    std::is_same_v<T, bf16>;
#else
    false;
#endif

/// Words that a panel holds for k: a matrix unit takes sixteen at a time, and those that are not there are 0.
template <class T>
constexpr int64_t panel_words_of(int64_t k) {
  return kHasTiles<T> ? round_up(words_of<T>(k), kLanes) : words_of<T>(k);
}

/// One term of a sum of products as a tile of sums reads it. Word (row, k) of A lies at
/// a + row · row_stride + k · word_stride.
template <class T>
struct Term {
  const T* a = nullptr;
  int64_t row_stride = 0;
  int64_t word_stride = kWord<T>;
  const uint32_t* panel = nullptr;  // [panel words][steps][width]
  int64_t words = 0;
};

}  // namespace sure::SURE_SIMD
