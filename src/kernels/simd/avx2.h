// Eight floats at a time. Only files compiled for AVX2 include this, through vector.h.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "kernels/kernels.h"

namespace sure::avx2 {

using kernels::bf16;

constexpr int kLanes = 8;
using Floats = __m256;
using Words = uint32_t __attribute__((vector_size(32)));

inline Floats set(float x) { return _mm256_set1_ps(x); }
inline Words set_words(uint32_t x) { return reinterpret_cast<Words>(_mm256_set1_epi32(static_cast<int>(x))); }
inline Words count_up() { return reinterpret_cast<Words>(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)); }

/// a b + c
inline Floats fma(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
/// Of NaN and a number, the second: max(number, x) lets a NaN pass.
inline Floats max(Floats a, Floats b) { return _mm256_max_ps(a, b); }
inline Floats reciprocal(Floats x) { return set(1) / x; }

/// x 2^n for a whole n, whose lowest bits are also those of `shifted`.
inline Floats times_power_of_two(Floats x, Floats /*n*/, Floats shifted) {
  return x * reinterpret_cast<Floats>((reinterpret_cast<Words>(shifted) << 23) + 0x3F800000U);
}
inline float sum_of(Floats x) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
inline float largest_of(Floats x) {
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

/// The upper halves of floats, rounded to the nearest and even, as words; a NaN stays one.
inline Words rounded_words(Floats x) {
  const Words bits = reinterpret_cast<Words>(x);
  const Words rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  return x == x ? rounded : set_words(0x7FC0);
}

/// Eight words as halves of words.
inline __m128i narrow(Words words) {
  const auto w = reinterpret_cast<__m256i>(words);
  return _mm_packus_epi32(_mm256_castsi256_si128(w), _mm256_extracti128_si256(w, 1));
}

inline Words widen(__m128i halves) { return reinterpret_cast<Words>(_mm256_cvtepu16_epi32(halves)); }

/// The first lanes of a vector: all, or fewer at the end of a row. What is not there is read as 0.
template <bool Full>
struct Lanes {
  explicit Lanes(int64_t lanes)
      : count(lanes < kLanes ? lanes : kLanes),
        mask(_mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), reinterpret_cast<__m256i>(count_up()))) {}

  /// As the lower halves of words.
  Words load_halves(const bf16* from) const {
    if (Full) return widen(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
    alignas(16) bf16 halves[kLanes] = {};
    __builtin_memcpy(halves, from, static_cast<size_t>(count) * sizeof(bf16));
    return widen(_mm_load_si128(reinterpret_cast<const __m128i*>(halves)));
  }
  Floats load(const bf16* from) const { return reinterpret_cast<Floats>(load_halves(from) << 16); }
  Floats load(const float* from) const { return Full ? _mm256_loadu_ps(from) : _mm256_maskload_ps(from, mask); }
  Words load_words(const void* from) const {
    return reinterpret_cast<Words>(Full ? _mm256_loadu_si256(static_cast<const __m256i*>(from))
                                        : _mm256_maskload_epi32(static_cast<const int*>(from), mask));
  }

  void store(bf16* to, Floats x) const {
    const __m128i halves = narrow(rounded_words(x));
    if (Full) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), halves);
    } else {
      __builtin_memcpy(to, &halves, static_cast<size_t>(count) * sizeof(bf16));
    }
  }
  void store(float* to, Floats x) const {
    if (Full) {
      _mm256_storeu_ps(to, x);
    } else {
      _mm256_maskstore_ps(to, mask, x);
    }
  }
  void store_words(void* to, Words x) const {
    if (Full) {
      _mm256_storeu_si256(static_cast<__m256i*>(to), reinterpret_cast<__m256i>(x));
    } else {
      _mm256_maskstore_epi32(static_cast<int*>(to), mask, reinterpret_cast<__m256i>(x));
    }
  }

  /// x with 0, or another number, in the lanes that are not there.
  Floats only(Floats x) const { return only(x, 0); }
  Floats only(Floats x, float otherwise) const {
    return Full ? x : _mm256_blendv_ps(set(otherwise), x, _mm256_castsi256_ps(mask));
  }

  int64_t count;
  __m256i mask;
};

/// Words of two vectors in turn, and back.
inline Floats in_order(Floats x) {
  return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(x), _MM_SHUFFLE(3, 1, 2, 0)));
}
inline Floats even_of(Floats a, Floats b) { return in_order(_mm256_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0))); }
inline Floats odd_of(Floats a, Floats b) { return in_order(_mm256_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1))); }
inline Floats lower_of_interleaved(Floats even, Floats odd) {
  return _mm256_permute2f128_ps(_mm256_unpacklo_ps(even, odd), _mm256_unpackhi_ps(even, odd), 0x20);
}
inline Floats upper_of_interleaved(Floats even, Floats odd) {
  return _mm256_permute2f128_ps(_mm256_unpacklo_ps(even, odd), _mm256_unpackhi_ps(even, odd), 0x31);
}

/// Eight rows of eight words as columns: words[i] becomes what was word i of each.
inline __attribute__((always_inline)) void transpose(Words* words) {
  __m256 rows[8], t[8];
  for (int i = 0; i < 8; ++i) rows[i] = reinterpret_cast<__m256>(words[i]);
  for (int i = 0; i < 4; ++i) {
    t[2 * i] = _mm256_unpacklo_ps(rows[2 * i], rows[2 * i + 1]);
    t[2 * i + 1] = _mm256_unpackhi_ps(rows[2 * i], rows[2 * i + 1]);
  }
  for (int i = 0; i < 2; ++i) {
    rows[4 * i] = _mm256_shuffle_ps(t[4 * i], t[4 * i + 2], _MM_SHUFFLE(1, 0, 1, 0));
    rows[4 * i + 1] = _mm256_shuffle_ps(t[4 * i], t[4 * i + 2], _MM_SHUFFLE(3, 2, 3, 2));
    rows[4 * i + 2] = _mm256_shuffle_ps(t[4 * i + 1], t[4 * i + 3], _MM_SHUFFLE(1, 0, 1, 0));
    rows[4 * i + 3] = _mm256_shuffle_ps(t[4 * i + 1], t[4 * i + 3], _MM_SHUFFLE(3, 2, 3, 2));
  }
  for (int i = 0; i < 4; ++i) {
    words[i] = reinterpret_cast<Words>(_mm256_permute2f128_ps(rows[i], rows[i + 4], 0x20));
    words[i + 4] = reinterpret_cast<Words>(_mm256_permute2f128_ps(rows[i], rows[i + 4], 0x31));
  }
}

/// How a product takes a word of k, of T: in kSteps multiplications, each with its share of A's and of B's word.
template <class T>
struct Step;

template <>
struct Step<float> {
  static constexpr int kSteps = 1;
  static Words share(Words words, int /*step*/) { return words; }
  static Floats add(Floats sum, Words a, Words b) {
    return _mm256_fmadd_ps(reinterpret_cast<Floats>(a), reinterpret_cast<Floats>(b), sum);
  }
};

/// A pair of bf16 as two floats, one after the other.
template <>
struct Step<bf16> {
  static constexpr int kSteps = 2;
  static Words share(Words words, int step) { return step == 0 ? words << 16 : words & 0xFFFF0000U; }
  static Floats add(Floats sum, Words a, Words b) { return Step<float>::add(sum, a, b); }
};

/// Vectors of a tile's width, and its rows: as many as there are registers for.
constexpr int kMaxVectors = 2;
template <class T>
constexpr int rows_of(int vectors) {
  constexpr int kTwoVectors = Step<T>::kSteps == 1 ? 6 : 5;
  return vectors == 2 ? kTwoVectors : 2 * kTwoVectors;
}

}  // namespace sure::avx2
