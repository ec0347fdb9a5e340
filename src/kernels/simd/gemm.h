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
#include "kernels/simd/pack.h"
#ifdef __AVX512VNNI__
#include "kernels/simd/bytes.h"
#endif
#ifdef __AMX_BF16__
#include "kernels/simd/tiles.h"
#endif

namespace sure::SURE_SIMD {

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

template <int Rows, int Vectors, bool Full, class T, class Store>
inline __attribute__((always_inline)) void run_tile(const Terms<T>& terms, int64_t row, int64_t column, int64_t columns,
                                                    const Store& store) {
  Floats sums[Rows][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) sums[i][j] = zero();
  }
#ifdef __AVX512VNNI__
  if (terms.quantised_count > 0) {
    Floats start[Rows][Vectors] = {};
    for (int t = 0; t < terms.quantised_count; ++t) {
      add_quantised<Rows, Vectors, Full>(terms.quantised[t], row, column, columns, start);
    }
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
      for (int j = 0; j < Vectors; ++j) sums[i][j] = start[i][j];
    }
  }
#endif
  for (int t = 0; t < terms.count; ++t) add_term(terms.all[t], row, sums);
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
__attribute__((noinline)) void run_rows(const Terms<T>& terms, int64_t begin, int64_t end, int64_t column,
                                        int64_t columns, const Store& store) {
  constexpr int kRows = rows_of<T>(Vectors);
  int64_t row = begin;
  for (; row + kRows <= end; row += kRows) {
    run_tile<kRows, Vectors, Full>(terms, row, column, columns, store);
  }
  for (; row + 4 <= end; row += 4) run_tile<4, Vectors, Full>(terms, row, column, columns, store);
  for (; row < end; ++row) run_tile<1, Vectors, Full>(terms, row, column, columns, store);
}

template <int Vectors = kMaxVectors, class T, class Store>
void run_vectors(const Terms<T>& terms, int64_t begin, int64_t end, int64_t column, int64_t columns,
                 const Store& store) {
  if constexpr (Vectors > 1) {
    if (vectors_for(columns) < Vectors) {
      return run_vectors<Vectors - 1>(terms, begin, end, column, columns, store);
    }
  }
  if (columns == Vectors * kLanes) {
    run_rows<Vectors, true>(terms, begin, end, column, columns, store);
  } else {
    run_rows<Vectors, false>(terms, begin, end, column, columns, store);
  }
}

/// Rows [begin, end) of one panel, on the processor's matrix unit where it has one for T.
template <class T, class Store>
void run_panel(const Terms<T>& terms, int64_t begin, int64_t end, int64_t column, int64_t columns, const Store& store) {
#ifdef __AMX_BF16__
  if constexpr (kHasTiles<T>) return run_tiles(terms, begin, end, column, columns, store);
#endif
  run_vectors(terms, begin, end, column, columns, store);
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

/// Words of all terms in one column of a panel, and what the sums of quantised ones start at.
template <class T>
int64_t panel_height(const kernels::SumOfProducts& sum) {
  int64_t words = 0;
  for (int t = 0; t < sum.quantised_count; ++t) words += 1 + words_of<int8_t>(sum.quantised[t].k);
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
    Terms<T> terms;
    uint32_t* free = memory;
#ifdef __AVX512VNNI__
    for (; terms.quantised_count < sum.quantised_count; ++terms.quantised_count) {
      const int t = terms.quantised_count;
      free += pack_quantised(sum.quantised[t], column, columns, free, terms.quantised[t]);
    }
#endif
    for (; terms.count < sum.count; ++terms.count) {
      const kernels::Product& product = sum.terms[terms.count];
      const T* a = static_cast<const T*>(product.a) + part.clips.begin * sum.a_clip_stride;
      const int64_t word_stride = product.a_word_stride == 0 ? kWord<T> : product.a_word_stride;
      terms.all[terms.count] = {a, product.a_stride, word_stride, free, words_of<T>(product.k)};
      free += pack_term<T>(product, column, columns, free);
    }
    for (int64_t clip = part.clips.begin; clip < part.clips.end; ++clip) {
      run_panel(terms, part.rows.begin, part.rows.end, column, columns, store.of_clip(clip));
      for (int t = 0; t < terms.count; ++t) terms.all[t].a += sum.a_clip_stride;
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
