// Matrix products with fp32 sums. B is packed panel by panel on the way (a panel stays in the second-level cache while
// all rows of A pass by), so weights need no second copy; what becomes of a sum is a functor, so that bias, activation
// and residual cost no pass of their own.
//
// A sum of products C = Σ A_t B_t [M, N]: tiles of kRows x kLanes · Vectors accumulators in registers, each term's
// words of K (a float, or a pair of bf16) one after another.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "kernels/parallel.h"
#include "kernels/simd/term.h"
#ifdef __AMX_BF16__
#include "kernels/simd/tiles.h"
#endif

namespace sure::SURE_SIMD {

constexpr int kMaxTerms = 6;
constexpr int64_t kPanel = kMaxVectors * kLanes;
constexpr int64_t kPanelBytes = 512 * 1024;  // that leave room in the second-level cache

/// Memory of one thread, kept from call to call.
class Scratch {
 public:
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::free(memory_); }

  /// Room for `count` of T at a multiple of 64 bytes, with anything in it.
  template <class T>
  T* get(int64_t count) {
    const size_t bytes = (static_cast<size_t>(count) * sizeof(T) + 63) / 64 * 64;
    if (bytes > bytes_) {
      std::free(memory_);
      memory_ = std::aligned_alloc(64, bytes);
      if (memory_ == nullptr) std::abort();
      bytes_ = bytes;
    }
    return static_cast<T*>(memory_);
  }

 private:
  void* memory_ = nullptr;
  size_t bytes_ = 0;
};

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

inline Words everywhere(const void* word) {
  uint32_t value = 0;
  __builtin_memcpy(&value, word, sizeof(value));
  return set_words(value);
}

template <int Rows, int Vectors, bool Full, class T, class Store>
inline __attribute__((always_inline)) void run_tile(const Term<T>* terms, int count, int64_t row, int64_t column,
                                                    int64_t columns, const Store& store) {
  Floats sums[Rows][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) sums[i][j] = zero();
  }
  for (int t = 0; t < count; ++t) {
    const Term<T>& term = terms[t];
    const T* a = term.a + row * term.row_stride;
    const uint32_t* b = term.panel;
    for (int64_t word = term.words; word > 0; --word) {
#pragma GCC unroll 2
      for (int step = 0; step < Step<T>::kSteps; ++step) {
        asm(""
            : "+r"(a));  // A's words are read in each step: kept from one to the next, they would not fit in registers
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
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) {
      if (!Full && kLanes * j >= columns) continue;
      store(row + i, column + kLanes * j, sums[i][j], Lanes<Full>(columns - kLanes * j));
    }
  }
}

/// Rows [begin, end) of one panel: `columns` of C from `column`.
template <int Vectors, bool Full, class T, class Store>
__attribute__((noinline)) void run_rows(const Term<T>* terms, int count, int64_t begin, int64_t end, int64_t column,
                                        int64_t columns, const Store& store) {
  constexpr int kRows = rows_of<T>(Vectors);
  int64_t row = begin;
  for (; row + kRows <= end; row += kRows) {
    run_tile<kRows, Vectors, Full>(terms, count, row, column, columns, store);
  }
  for (; row + 4 <= end; row += 4) run_tile<4, Vectors, Full>(terms, count, row, column, columns, store);
  for (; row < end; ++row) run_tile<1, Vectors, Full>(terms, count, row, column, columns, store);
}

inline int64_t vectors_for(int64_t columns) { return (columns + kLanes - 1) / kLanes; }

template <int Vectors = kMaxVectors, class T, class Store>
void run_vectors(const Term<T>* terms, int count, int64_t begin, int64_t end, int64_t column, int64_t columns,
                 const Store& store) {
  if constexpr (Vectors > 1) {
    if (vectors_for(columns) < Vectors) {
      return run_vectors<Vectors - 1>(terms, count, begin, end, column, columns, store);
    }
  }
  if (columns == Vectors * kLanes) {
    run_rows<Vectors, true>(terms, count, begin, end, column, columns, store);
  } else {
    run_rows<Vectors, false>(terms, count, begin, end, column, columns, store);
  }
}

/// Rows [begin, end) of one panel, on the processor's matrix unit where it has one for T.
template <class T, class Store>
void run_panel(const Term<T>* terms, int count, int64_t begin, int64_t end, int64_t column, int64_t columns,
               const Store& store) {
#ifdef __AMX_BF16__
  if constexpr (kHasTiles<T>) return run_tiles(terms, count, begin, end, column, columns, store);
#endif
  run_vectors(terms, count, begin, end, column, columns, store);
}

/// Rows that are multiplied together.
template <class T>
constexpr int64_t kRowUnit = kHasTiles<T> ? 32 : rows_of<T>(kMaxVectors);

/// Memory for the packed panels of this thread.
inline uint32_t* panel_memory(int64_t words) {
  thread_local Scratch scratch;
  return scratch.get<uint32_t>(words);
}

struct Range {
  int64_t begin;
  int64_t end;
};

/// Some rows of some clips.
struct Part {
  Range clips;
  Range rows;
};

/// Words of all terms in one column of a panel.
template <class T>
int64_t panel_height(const kernels::SumOfProducts& sum) {
  int64_t words = 0;
  for (int t = 0; t < sum.count; ++t) words += panel_words_of<T>(sum.terms[t].k) * Step<T>::kSteps;
  return words;
}

/// Zeros in a packed panel's words beyond k; returns the words it takes.
template <class T>
int64_t fill_panel(int64_t k, int64_t width, uint32_t* panel) {
  const int64_t there = words_of<T>(k) * Step<T>::kSteps * width;
  const int64_t all = panel_words_of<T>(k) * Step<T>::kSteps * width;
  std::fill(panel + there, panel + all, 0);
  return all;
}

/// Packs B's columns from `column` of one term; returns the words it takes.
template <class T>
int64_t pack_term(const kernels::Product& product, int64_t column, int64_t columns, uint32_t* panel) {
  const auto* b = static_cast<const T*>(product.b);
  const int64_t width = vectors_for(columns) * kLanes;
  if (product.b_is_transposed) {
    pack_rows(b + column * product.b_stride, product.b_stride, columns, product.k, width, panel);
  } else {
    pack_columns(b + column, product.b_stride, product.k, columns, width, panel);
  }
  return fill_panel<T>(product.k, width, panel);
}

/// The products of `sum` for some panels of its columns, each `panel_width` wide, on this thread.
template <class T, class Store>
void multiply_part(const kernels::SumOfProducts& sum, int64_t panel_width, Range panels, const Part& part,
                   const Store& store) {
  uint32_t* memory = panel_memory(panel_height<T>(sum) * panel_width);
  for (int64_t panel = panels.begin; panel < panels.end; ++panel) {
    const int64_t column = panel * panel_width, columns = std::min(panel_width, sum.columns - column);
    Term<T> terms[kMaxTerms];
    uint32_t* free = memory;
    for (int t = 0; t < sum.count; ++t) {
      const kernels::Product& product = sum.terms[t];
      const T* a = static_cast<const T*>(product.a) + part.clips.begin * sum.a_clip_stride;
      const int64_t word_stride = product.a_word_stride == 0 ? kWord<T> : product.a_word_stride;
      terms[t] = {a, product.a_stride, word_stride, free, words_of<T>(product.k)};
      free += pack_term<T>(product, column, columns, free);
    }
    for (int64_t clip = part.clips.begin; clip < part.clips.end; ++clip) {
      run_panel(terms, sum.count, part.rows.begin, part.rows.end, column, columns, store.of_clip(clip));
      for (int t = 0; t < sum.count; ++t) terms[t].a += sum.a_clip_stride;
    }
  }
}

/// Part `index` of `parts` of [0, count), cut at multiples of `unit`.
inline Range part_of(int64_t count, int64_t index, int64_t parts, int64_t unit) {
  const int64_t length = round_up((count + parts - 1) / parts, unit);
  const int64_t begin = std::min(index * length, count);
  return {begin, std::min(begin + length, count)};
}

/// The whole of `sum` on all threads, which share the panels; where there are too few, also the clips or the rows.
template <class T, class Store>
void multiply(const kernels::SumOfProducts& sum, const Store& store) {
  const bool fits = panel_height<T>(sum) * kPanel * static_cast<int64_t>(sizeof(uint32_t)) <= kPanelBytes;
  const int64_t panel_width = fits ? kPanel : kPanel / 2;
  const int64_t panels = (sum.columns + panel_width - 1) / panel_width, threads = kernels::threads();
  const bool enough = panels % threads == 0 || panels >= 8 * threads;
  const int64_t parts = enough ? 1 : threads;
  const bool by_clip = sum.clips >= parts;
  const Range all_clips = {0, sum.clips}, all_rows = {0, sum.rows};
  kernels::in_parallel(parts * panels, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin / panels; index * panels < end; ++index) {
      const int64_t origin = index * panels;
      const Range here = {std::max<int64_t>(begin - origin, 0), std::min(end - origin, panels)};
      const Part part = by_clip ? Part{part_of(sum.clips, index, parts, 1), all_rows}
                                : Part{all_clips, part_of(sum.rows, index, parts, kRowUnit<T>)};
      multiply_part<T>(sum, panel_width, here, part, store);
    }
  });
}

}  // namespace sure::SURE_SIMD
