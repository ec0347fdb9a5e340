// Matrix products of bf16 with fp32 sums by AVX512_BF16's dot product of pairs. B is packed panel by panel on the way
// (a panel stays in the second-level cache while all rows of A pass by), so weights need no second copy; what becomes
// of a sum is a functor, so that bias, activation and residual cost no pass of their own.
//
// A sum of products C = Σ A_t B_t [M, N]: tiles of kRows x 16 · Vectors accumulators in registers, each term's pairs of
// K one after another.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "kernels/avx512/vector.h"
#include "kernels/parallel.h"

namespace sure::avx512 {

constexpr int kMaxTerms = 6;
constexpr int kMaxVectors = 4;
constexpr int64_t kPanel = kMaxVectors * kLanes;

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

/// Sixteen rows of sixteen 32-bit words as columns: rows[i] becomes what was word i of each.
inline __attribute__((always_inline)) void transpose_words(__m512i* rows) {
  __m512i t[16];
  for (int i = 0; i < 8; ++i) {
    t[2 * i] = _mm512_unpacklo_epi32(rows[2 * i], rows[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi32(rows[2 * i], rows[2 * i + 1]);
  }
  for (int i = 0; i < 4; ++i) {
    rows[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
    rows[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
    rows[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
    rows[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    t[i] = _mm512_shuffle_i32x4(rows[i], rows[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(rows[i], rows[i + 4], 0xDD);
    t[i + 8] = _mm512_shuffle_i32x4(rows[i + 8], rows[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(rows[i + 8], rows[i + 12], 0xDD);
  }
  for (int i = 0; i < 4; ++i) {
    rows[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    rows[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xDD);
    rows[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
    rows[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xDD);
  }
}

/// Rows of `from` [rows, k] as columns of a panel [k / 2][width][2]; k is even, `width` a multiple of 16, what is not
/// there is 0.
inline void pack_rows(const bf16* from, int64_t stride, int64_t rows, int64_t k, int64_t width, bf16* panel) {
  const int64_t pairs = k / 2;
  for (int64_t column = 0; column < width; column += kLanes) {
    const int64_t there = std::clamp<int64_t>(rows - column, 0, kLanes);
    for (int64_t pair = 0; pair < pairs; pair += kLanes) {
      const int64_t words = std::min<int64_t>(kLanes, pairs - pair);
      const auto mask = static_cast<__mmask16>((1U << words) - 1);
      __m512i block[kLanes];
      for (int64_t i = 0; i < kLanes; ++i) {
        const bf16* row = from + (column + i) * stride + 2 * pair;
        block[i] = i < there ? _mm512_maskz_loadu_epi32(mask, row) : _mm512_setzero_si512();
      }
      transpose_words(block);
      for (int64_t i = 0; i < words; ++i) _mm512_store_si512(panel + ((pair + i) * width + column) * 2, block[i]);
    }
  }
}

/// Two rows of `from` [k, columns] next to each other: [ceil(k / 2)][width][2]; what is not there is 0.
inline void pack_columns(const bf16* from, int64_t stride, int64_t k, int64_t columns, int64_t width, bf16* panel) {
  for (int64_t pair = 0; 2 * pair < k; ++pair) {
    const bf16* first = from + 2 * pair * stride;
    const bool has_second = 2 * pair + 1 < k;
    for (int64_t column = 0; column < width; column += kLanes) {
      const Lanes<false> lanes(std::clamp<int64_t>(columns - column, 0, kLanes));
      const __m512i low = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(lanes.mask, first + column));
      const __m256i second =
          has_second ? _mm256_maskz_loadu_epi16(lanes.mask, first + stride + column) : _mm256_setzero_si256();
      const __m512i high = _mm512_slli_epi32(_mm512_cvtepu16_epi32(second), 16);
      _mm512_store_si512(panel + (pair * width + column) * 2, _mm512_or_si512(low, high));
    }
  }
}

/// One term as a tile reads it. Element pair (row, k) of A lies at a + row · row_stride + k · pair_stride.
struct Term {
  const bf16* a = nullptr;
  int64_t row_stride = 0;
  int64_t pair_stride = 2;
  const bf16* panel = nullptr;  // [pairs][16 · Vectors][2]
  int64_t pairs = 0;
};

template <int Rows, int Vectors, bool Full, class Store>
inline __attribute__((always_inline)) void run_tile(const Term* terms, int count, int64_t row, int64_t column,
                                                    int64_t columns, const Store& store) {
  __m512 sums[Rows][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) sums[i][j] = _mm512_setzero_ps();
  }
  for (int t = 0; t < count; ++t) {
    const Term& term = terms[t];
    const bf16* a = term.a + row * term.row_stride;
    const bf16* b = term.panel;
    for (int64_t pair = term.pairs; pair > 0; --pair) {
      __m512bh b_pairs[Vectors];
#pragma GCC unroll 4
      for (int j = 0; j < Vectors; ++j) {
        b_pairs[j] = reinterpret_cast<__m512bh>(_mm512_load_si512(b + 2 * kLanes * j));
      }
#pragma GCC unroll 16
      for (int i = 0; i < Rows; ++i) {
        int32_t a_pair = 0;
        __builtin_memcpy(&a_pair, a + i * term.row_stride, sizeof(a_pair));
        const auto everywhere = reinterpret_cast<__m512bh>(_mm512_set1_epi32(a_pair));
#pragma GCC unroll 4
        for (int j = 0; j < Vectors; ++j) sums[i][j] = _mm512_dpbf16_ps(sums[i][j], everywhere, b_pairs[j]);
      }
      a += term.pair_stride;
      b += 2 * kLanes * Vectors;
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

constexpr int rows_of(int vectors) { return vectors == 4 ? 6 : vectors == 3 ? 8 : 12; }

/// Rows [begin, end) of one panel: `columns` of C from `column`.
template <int Vectors, bool Full, class Store>
__attribute__((noinline)) void run_rows(const Term* terms, int count, int64_t begin, int64_t end, int64_t column,
                                        int64_t columns, const Store& store) {
  constexpr int kRows = rows_of(Vectors);
  int64_t row = begin;
  for (; row + kRows <= end; row += kRows) {
    run_tile<kRows, Vectors, Full>(terms, count, row, column, columns, store);
  }
  for (; row + 4 <= end; row += 4) run_tile<4, Vectors, Full>(terms, count, row, column, columns, store);
  for (; row < end; ++row) run_tile<1, Vectors, Full>(terms, count, row, column, columns, store);
}

template <class Store>
void run_panel(int vectors, const Term* terms, int count, int64_t begin, int64_t end, int64_t column, int64_t columns,
               const Store& store) {
  if (columns == kPanel) return run_rows<4, true>(terms, count, begin, end, column, columns, store);
  switch (vectors) {
    case 1:
      return run_rows<1, false>(terms, count, begin, end, column, columns, store);
    case 2:
      return run_rows<2, false>(terms, count, begin, end, column, columns, store);
    case 3:
      return run_rows<3, false>(terms, count, begin, end, column, columns, store);
    default:
      return run_rows<4, false>(terms, count, begin, end, column, columns, store);
  }
}

inline int vectors_for(int64_t columns) {
  return static_cast<int>(std::min<int64_t>((columns + kLanes - 1) / kLanes, kMaxVectors));
}

/// Memory for the packed panels of this thread.
inline bf16* panel_memory(int64_t elements) {
  thread_local Scratch scratch;
  return scratch.get<bf16>(elements);
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

/// The products of `sum` for some panels of its columns, on this thread.
template <class Store>
void multiply_part(const kernels::SumOfProducts& sum, Range panels, const Part& part, const Store& store) {
  int64_t room = 0;
  for (int t = 0; t < sum.count; ++t) room += (sum.terms[t].k + 1) / 2 * 2 * kPanel;
  bf16* memory = panel_memory(room);
  for (int64_t panel = panels.begin; panel < panels.end; ++panel) {
    const int64_t column = panel * kPanel, columns = std::min(kPanel, sum.columns - column);
    const int vectors = vectors_for(columns);
    const int64_t width = vectors * kLanes;
    Term terms[kMaxTerms];
    bf16* free = memory;
    for (int t = 0; t < sum.count; ++t) {
      const kernels::Product& product = sum.terms[t];
      if (product.b_is_transposed) {
        pack_rows(product.b + column * product.b_stride, product.b_stride, columns, product.k, width, free);
      } else {
        pack_columns(product.b + column, product.b_stride, product.k, columns, width, free);
      }
      const bf16* a = product.a + part.clips.begin * sum.a_clip_stride;
      terms[t] = {a, product.a_stride, product.a_pair_stride, free, (product.k + 1) / 2};
      free += terms[t].pairs * 2 * width;
    }
    for (int64_t clip = part.clips.begin; clip < part.clips.end; ++clip) {
      run_panel(vectors, terms, sum.count, part.rows.begin, part.rows.end, column, columns, store.of_clip(clip));
      for (int t = 0; t < sum.count; ++t) terms[t].a += sum.a_clip_stride;
    }
  }
}

/// Part `index` of `parts` of [0, count), cut at multiples of `unit`.
inline Range part_of(int64_t count, int64_t index, int64_t parts, int64_t unit) {
  const int64_t length = ((count + parts - 1) / parts + unit - 1) / unit * unit;
  const int64_t begin = std::min(index * length, count);
  return {begin, std::min(begin + length, count)};
}

/// The whole of `sum` on all threads, which share the panels; where there are too few, also the clips or the rows.
template <class Store>
void multiply(const kernels::SumOfProducts& sum, const Store& store) {
  const int64_t panels = (sum.columns + kPanel - 1) / kPanel, threads = kernels::threads();
  const bool enough = panels % threads == 0 || panels >= 8 * threads;
  const int64_t parts = enough ? 1 : threads;
  const bool by_clip = sum.clips >= parts;
  const Range all_clips = {0, sum.clips}, all_rows = {0, sum.rows};
  kernels::in_parallel(parts * panels, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin / panels; index * panels < end; ++index) {
      const int64_t origin = index * panels;
      const Range here = {std::max<int64_t>(begin - origin, 0), std::min(end - origin, panels)};
      const Part part = by_clip ? Part{part_of(sum.clips, index, parts, 1), all_rows}
                                : Part{all_clips, part_of(sum.rows, index, parts, rows_of(kMaxVectors))};
      multiply_part(sum, here, part, store);
    }
  });
}

}  // namespace sure::avx512
