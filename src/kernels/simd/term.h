// What a matrix product reads, rows of A and columns of B packed into a panel, and how a tile of sums adds it up.
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

/// A term of 8-bit numbers, whose sums are scaled before others are added.
struct QuantisedTerm {
  Term<int8_t> term;
  const float* row_scales = nullptr;
  const float* column_scales = nullptr;  // null: 1
  const uint32_t* starts = nullptr;      // [width]: what sums begin at, for A's numbers being 128 too large
};

constexpr int kMaxTerms = 6;
constexpr int kMaxQuantised = 3;

/// What a tile of sums adds up.
template <class T>
struct Terms {
  Term<T> all[kMaxTerms];
  int count = 0;
  QuantisedTerm quantised[kMaxQuantised];
  int quantised_count = 0;
};

inline Words everywhere(const void* word) {
  uint32_t value = 0;
  __builtin_memcpy(&value, word, sizeof(value));
  return set_words(value);
}

/// Adds one term to the sums of rows from `row`.
template <int Rows, int Vectors, class T, class Sum>
inline __attribute__((always_inline)) void add_term(const Term<T>& term, int64_t row, Sum (&sums)[Rows][Vectors]) {
  const T* a = term.a + row * term.row_stride;
  const uint32_t* b = term.panel;
  for (int64_t word = term.words; word > 0; --word) {
#pragma GCC unroll 2
    for (int step = 0; step < Step<T>::kSteps; ++step) {
      asm("" : "+r"(a));  // A's words are read in each step: kept from one to the next, they would not fit in registers
      Words b_words[Vectors];
#pragma GCC unroll 4
      for (int j = 0; j < Vectors; ++j) b_words[j] = Lanes<true>(kLanes).load_words(b + kLanes * j);
#pragma GCC unroll 16
      for (int i = 0; i < Rows; ++i) {
        const Words a_word = Step<T>::share(everywhere(a + i * term.row_stride), step);
#pragma GCC unroll 4
        for (int j = 0; j < Vectors; ++j) sums[i][j] = Step<T>::add(sums[i][j], a_word, b_words[j]);
      }
      b += kLanes * Vectors;
    }
    a += term.word_stride;
  }
}

}  // namespace sure::SURE_SIMD
