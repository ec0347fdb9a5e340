// Into the order in which matrix products read: panels of B, and A by columns.
#pragma once

#include <algorithm>

#include "kernels/simd/term.h"

namespace sure::SURE_SIMD {

inline int64_t vectors_for(int64_t columns) { return (columns + kLanes - 1) / kLanes; }

/// A vector of words of B into the panel, a share for each step; `width` words from step to step.
template <class T>
inline __attribute__((always_inline)) void put_words(Words words, int64_t width, uint32_t* panel) {
  for (int step = 0; step < Step<T>::kSteps; ++step) {
    Lanes<true>(kLanes).store_words(panel + step * width, Step<T>::share(words, step));
  }
}

/// Rows of `from` [rows, k] as columns of a panel [words of k][steps][width]; `width` is a multiple of kLanes, what is
/// not there is 0.
template <class T>
void pack_rows(const T* from, int64_t stride, int64_t rows, int64_t k, int64_t width, uint32_t* panel) {
  const int64_t words = k / kWord<T>;
  for (int64_t column = 0; column < width; column += kLanes) {
    const int64_t there = std::clamp<int64_t>(rows - column, 0, kLanes);
    for (int64_t word = 0; word < words; word += kLanes) {
      const int64_t count = std::min<int64_t>(kLanes, words - word);
      const Lanes<false> lanes(count);
      Words block[kLanes];
      for (int64_t i = 0; i < kLanes; ++i) {
        const T* row = from + (column + i) * stride + word * kWord<T>;
        block[i] = i < there ? lanes.load_words(row) : Words{};
      }
      transpose(block);
      for (int64_t i = 0; i < count; ++i) {
        put_words<T>(block[i], width, panel + (word + i) * Step<T>::kSteps * width + column);
      }
    }
  }
}

/// A vector of the words that rows word · kWord and on of `from` [k, columns] make.
template <class L>
Words words_at(const float* from, int64_t stride, int64_t /*k*/, int64_t word, const L& lanes) {
  return lanes.load_words(from + word * stride);
}
template <class L>
Words words_at(const bf16* from, int64_t stride, int64_t k, int64_t word, const L& lanes) {
  const bf16* first = from + 2 * word * stride;
  const Words low = lanes.load_halves(first);
  return 2 * word + 1 < k ? low | (lanes.load_halves(first + stride) << 16) : low;
}

constexpr int64_t kWordsAhead =
    8;  // whose rows are on their way to the cache: too far apart for the processor to guess

/// Columns of `from` [k, columns] as those of a panel.
template <class T>
void pack_columns(const T* from, int64_t stride, int64_t k, int64_t columns, int64_t width, uint32_t* panel) {
  for (int64_t word = 0; word < words_of<T>(k); ++word) {
    uint32_t* to = panel + word * Step<T>::kSteps * width;
    for (int64_t row = 0; row < kWord<T>; ++row) {
      const T* ahead = from + ((word + kWordsAhead) * kWord<T> + row) * stride;
      for (int64_t column = 0; column < columns; column += 64 / static_cast<int64_t>(sizeof(T))) {
        __builtin_prefetch(ahead + column);
      }
    }
    for_columns(columns, [&](int64_t column, auto lanes) {
      put_words<T>(words_at(from + column, stride, k, word, lanes), width, to + column);
    });
  }
}

/// From row to row and from word to word of a packed A, in elements.
struct Strides {
  int64_t row;
  int64_t word;
};

/// Columns of `from` [k, columns] as rows of words, [columns][words of k].
template <class T>
void transpose_words(const T* from, int64_t stride, int64_t k, int64_t columns, uint32_t* to) {
  const int64_t words = words_of<T>(k);
  for_columns(columns, [&](int64_t column, auto lanes) {
    for (int64_t word = 0; word < words; word += kLanes) {
      const Lanes<false> there(words - word);
      Words block[kLanes];
      for (int64_t i = 0; i < kLanes; ++i) {
        block[i] = i < there.count ? words_at(from + column, stride, k, word + i, lanes) : Words{};
      }
      transpose(block);
      for (int64_t i = 0; i < lanes.count; ++i) there.store_words(to + (column + i) * words + word, block[i]);
    }
  });
}

/// Columns of `from` [k, columns] as the rows of a product's A: as tiles of a matrix unit take them, or
/// [words of k][packed_width].
template <class T>
Strides pack_columns_of_a(const T* from, int64_t stride, int64_t k, int64_t columns, uint32_t* to) {
  if constexpr (kHasTiles<T>) {
    transpose_words(from, stride, k, columns, to);
    return {words_of<T>(k) * kWord<T>, kWord<T>};
  }
  const int64_t width = kernels::packed_width(columns);
  for (int64_t word = 0; word < words_of<T>(k); ++word) {
    for_columns(columns, [&](int64_t column, auto lanes) {
      Lanes<true>(kLanes).store_words(to + word * width + column, words_at(from + column, stride, k, word, lanes));
    });
  }
  return {kWord<T>, kWord<T> * width};
}

}  // namespace sure::SURE_SIMD
