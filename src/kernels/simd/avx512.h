// Sixteen floats at a time. Only files compiled for AVX-512 include this, through vector.h.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "kernels/kernels.h"

namespace sure::SURE_SIMD {

using kernels::bf16;

constexpr int kLanes = 16;
using Floats = __m512;
using Words = uint32_t __attribute__((vector_size(64)));

inline Floats set(float x) { return _mm512_set1_ps(x); }
inline Words set_words(uint32_t x) { return reinterpret_cast<Words>(_mm512_set1_epi32(static_cast<int>(x))); }
inline Words count_up() {
  return reinterpret_cast<Words>(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

/// a b + c
inline Floats fma(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
/// Of NaN and a number, the second: max(number, x) lets a NaN pass.
inline Floats max(Floats a, Floats b) { return _mm512_max_ps(a, b); }
inline Floats reciprocal(Floats x) {
  const Floats t = _mm512_rcp14_ps(x);
  return t * _mm512_fnmadd_ps(x, t, set(2.0F));
}
/// x 2^n for a whole n, whose lowest bits are also those of `shifted`.
inline Floats times_power_of_two(Floats x, Floats n, Floats /*shifted*/) { return _mm512_scalef_ps(x, n); }
inline float sum_of(Floats x) { return _mm512_reduce_add_ps(x); }
inline float largest_of(Floats x) { return _mm512_reduce_max_ps(x); }

/// The first lanes of a vector: all, or fewer at the end of a row. What is not there is read as 0.
template <bool Full>
struct Lanes {
  explicit Lanes(int64_t lanes)
      : count(lanes < kLanes ? lanes : kLanes), mask(static_cast<__mmask16>((1U << count) - 1)) {}

  /// As the lower halves of words.
  Words load_halves(const bf16* from) const {
    const auto* at = reinterpret_cast<const __m256i*>(from);
    const __m256i halves = Full ? _mm256_loadu_si256(at) : _mm256_maskz_loadu_epi16(mask, at);
    return reinterpret_cast<Words>(_mm512_cvtepu16_epi32(halves));
  }
  Floats load(const bf16* from) const { return reinterpret_cast<Floats>(load_halves(from) << 16); }
  Floats load(const float* from) const { return Full ? _mm512_loadu_ps(from) : _mm512_maskz_loadu_ps(mask, from); }
  /// As the lowest bytes of words.
  Words load_bytes(const int8_t* from) const {
    const auto* at = reinterpret_cast<const __m128i*>(from);
    const __m128i bytes = Full ? _mm_loadu_si128(at) : _mm_maskz_loadu_epi8(mask, at);
    return reinterpret_cast<Words>(_mm512_cvtepu8_epi32(bytes));
  }
  Words load_words(const void* from) const {
    return reinterpret_cast<Words>(Full ? _mm512_loadu_si512(from) : _mm512_maskz_loadu_epi32(mask, from));
  }

  void store(bf16* to, Floats x) const {
    const auto rounded = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x));
    if (Full) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), rounded);
    } else {
      _mm256_mask_storeu_epi16(to, mask, rounded);
    }
  }
  void store(float* to, Floats x) const {
    if (Full) {
      _mm512_storeu_ps(to, x);
    } else {
      _mm512_mask_storeu_ps(to, mask, x);
    }
  }
  /// As whole numbers of 8 bits: x rounded, + 128.
  void store(uint8_t* to, Floats x) const {
    const __m128i bytes = _mm_xor_si128(_mm512_cvtepi32_epi8(_mm512_cvtps_epi32(x)), _mm_set1_epi8(-128));
    if (Full) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    } else {
      _mm_mask_storeu_epi8(to, mask, bytes);
    }
  }
  void store_words(void* to, Words x) const {
    if (Full) {
      _mm512_storeu_si512(to, reinterpret_cast<__m512i>(x));
    } else {
      _mm512_mask_storeu_epi32(to, mask, reinterpret_cast<__m512i>(x));
    }
  }

  /// x with 0, or another number, in the lanes that are not there.
  Floats only(Floats x) const { return Full ? x : _mm512_maskz_mov_ps(mask, x); }
  Floats only(Floats x, float otherwise) const { return Full ? x : _mm512_mask_mov_ps(set(otherwise), mask, x); }

  int64_t count;
  __mmask16 mask;
};

/// The upper halves of floats, rounded, as words.
inline Words rounded_words(Floats x) {
  return reinterpret_cast<Words>(_mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x))));
}

/// Words of two vectors in turn, and back.
inline Floats even_of(Floats a, Floats b) {
  const __m512i index = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  return _mm512_permutex2var_ps(a, index, b);
}
inline Floats odd_of(Floats a, Floats b) {
  const __m512i index = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  return _mm512_permutex2var_ps(a, index, b);
}
inline Floats lower_of_interleaved(Floats even, Floats odd) {
  const __m512i index = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  return _mm512_permutex2var_ps(even, index, odd);
}
inline Floats upper_of_interleaved(Floats even, Floats odd) {
  const __m512i index = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  return _mm512_permutex2var_ps(even, index, odd);
}

/// Sixteen rows of sixteen words as columns: rows[i] becomes what was word i of each.
inline __attribute__((always_inline)) void transpose(Words* words) {
  __m512i t[16], rows[16];
  for (int i = 0; i < 16; ++i) rows[i] = reinterpret_cast<__m512i>(words[i]);
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
  for (int i = 0; i < 16; ++i) words[i] = reinterpret_cast<Words>(rows[i]);
}

/// How a product takes a word of k, of T: in kSteps multiplications, each with its share of A's and of B's word.
template <class T>
struct Step {
  static constexpr int kSteps = 1;
  static Words share(Words words, int /*step*/) { return words; }
  static Floats add(Floats sum, Words a, Words b);
};

template <>
inline Floats Step<float>::add(Floats sum, Words a, Words b) {
  return _mm512_fmadd_ps(reinterpret_cast<Floats>(a), reinterpret_cast<Floats>(b), sum);
}

template <>
inline Floats Step<bf16>::add(Floats sum, Words a, Words b) {
  return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
}

/// Vectors of a tile's width, and its rows: as many as there are registers for.
constexpr int kMaxVectors = 4;
template <class T>
constexpr int rows_of(int vectors) {
  return vectors == 4 ? 6 : vectors == 3 ? 8 : 12;
}

}  // namespace sure::SURE_SIMD
