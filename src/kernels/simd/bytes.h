// Products of 8-bit numbers (AVX512_VNNI). Only files compiled for it include this, through gemm.h.
#pragma once

#include "kernels/simd/pack.h"

namespace sure::SURE_SIMD {

/// Of whole numbers as the instruction takes them: g++ keeps __m512i in twice the registers.
using Wholes = int32_t __attribute__((vector_size(64)));

/// A's numbers are unsigned.
template <>
struct Step<int8_t> {
  static constexpr int kSteps = 1;
  static Words share(Words words, int /*step*/) { return words; }
  static Wholes add(Wholes sum, Words a, Words b) {
    return reinterpret_cast<Wholes>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sum), reinterpret_cast<__m512i>(a),
                                                        reinterpret_cast<__m512i>(b)));
  }
};

/// Adds a quantised term. Not inlined: g++ runs out of registers where it sees two loops' sums.
template <int Rows, int Vectors, bool Full>
__attribute__((noinline)) void add_quantised(const QuantisedTerm& quantised, int64_t row, int64_t column,
                                             int64_t columns, Floats (&result)[Rows][Vectors]) {
  Wholes sums[Rows][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) {
      const Words start = Lanes<true>(kLanes).load_words(quantised.starts + kLanes * j);
      sums[i][j] = reinterpret_cast<Wholes>(start);
    }
  }
  add_term(quantised.term, row, sums);
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
    const Floats row_scale = set(quantised.row_scales[row + i]);
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) {
      Floats scale = row_scale;
      if (quantised.column_scales != nullptr) {
        scale *= Lanes<Full>(columns - kLanes * j).load(quantised.column_scales + column + kLanes * j);
      }
      result[i][j] = fma(__builtin_convertvector(sums[i][j], Floats), scale, result[i][j]);
    }
  }
}

/// Found by pack_columns.
template <class L>
Words words_at(const int8_t* from, int64_t stride, int64_t /*k*/, int64_t word, const L& lanes) {
  const int8_t* first = from + kWord<int8_t> * word * stride;
  Words words = lanes.load_bytes(first);
  for (int row = 1; row < kWord<int8_t>; ++row) words |= lanes.load_bytes(first + row * stride) << (8 * row);
  return words;
}

/// The panel of a quantised term and, before it, what its sums start at; returns the words they take.
inline int64_t pack_quantised(const kernels::QuantisedProduct& product, int64_t column, int64_t columns,
                              uint32_t* memory, QuantisedTerm& term) {
  const int64_t width = vectors_for(columns) * kLanes, words = words_of<int8_t>(product.k);
  uint32_t* panel = memory + width;
  if (product.b_is_transposed) {
    pack_rows(product.b + column * product.b_stride, product.b_stride, columns, product.k, width, panel);
  } else {
    pack_columns(product.b + column, product.b_stride, product.k, columns, width, panel);
  }
  const Lanes<true> lanes(kLanes);
  for (int64_t at = 0; at < width; at += kLanes) {
    Wholes sum = {};  // 128 Σ_k b
    for (int64_t word = 0; word < words; ++word) {
      sum = Step<int8_t>::add(sum, set_words(0x80808080U), lanes.load_words(panel + word * width + at));
    }
    lanes.store_words(memory + at, -reinterpret_cast<Words>(sum));
  }
  const auto* a = reinterpret_cast<const int8_t*>(product.a);
  term = {{a, product.k, kWord<int8_t>, panel, words}, product.a_scales, product.b_scales, memory};
  return width * (1 + words);
}

}  // namespace sure::SURE_SIMD
