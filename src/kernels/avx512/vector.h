// Sixteen floats at a time. Only files compiled for AVX-512 include this.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <initializer_list>

#include "kernels/bf16.h"

namespace sure::avx512 {

using kernels::bf16;

constexpr int kLanes = 16;

inline __m512 set(float x) { return _mm512_set1_ps(x); }

inline __m512 widen(__m256i x) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16)); }

/// The first lanes of a vector: all sixteen, or fewer at the end of a row.
template <bool Full>
struct Lanes {
  explicit Lanes(int64_t count) : mask(count >= kLanes ? 0xFFFF : static_cast<__mmask16>((1U << count) - 1)) {}

  __m512 load(const bf16* from) const {
    const auto* at = reinterpret_cast<const __m256i*>(from);
    return widen(Full ? _mm256_loadu_si256(at) : _mm256_maskz_loadu_epi16(mask, at));
  }
  __m512 load(const float* from) const { return Full ? _mm512_loadu_ps(from) : _mm512_maskz_loadu_ps(mask, from); }

  void store(bf16* to, __m512 x) const {
    const auto rounded = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x));
    if (Full) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), rounded);
    } else {
      _mm256_mask_storeu_epi16(to, mask, rounded);
    }
  }
  void store(float* to, __m512 x) const {
    if (Full) {
      _mm512_storeu_ps(to, x);
    } else {
      _mm512_mask_storeu_ps(to, mask, x);
    }
  }

  __mmask16 mask;
};

/// Calls body(column, lanes) for each sixteen of `columns`, the last with the lanes that are left.
template <class Body>
inline __attribute__((always_inline)) void for_columns(int64_t columns, const Body& body) {
  int64_t column = 0;
  for (; column + kLanes <= columns; column += kLanes) body(column, Lanes<true>(kLanes));
  if (column < columns) body(column, Lanes<false>(columns - column));
}

/// exp(x), relative error below 3e-7 for -87 <= x <= 88; what is below counts as -87.
inline __m512 exponential(__m512 x) {
  const __m512 y = _mm512_mul_ps(_mm512_max_ps(x, set(-87.0F)), set(1.44269504F));
  const __m512 whole = _mm512_roundscale_ps(y, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m512 part = _mm512_sub_ps(y, whole);
  // 2^part on [-0.5, 0.5], the Taylor series of exp(part ln 2).
  __m512 sum = set(1.5403530e-4F);
  for (const float c : {1.3333558e-3F, 9.6181291e-3F, 5.5504109e-2F, 2.4022651e-1F, 6.9314718e-1F, 1.0F}) {
    sum = _mm512_fmadd_ps(sum, part, set(c));
  }
  return _mm512_scalef_ps(sum, whole);
}

struct Gelu {
  __m512 value;
  __m512 slope;
};

/// x Φ(x) and its derivative Φ(x) + x φ(x) (Hendrycks and Gimpel 2016); Φ by formula 7.1.26 of Abramowitz and Stegun,
/// absolute error below 2e-7.
inline Gelu gelu(__m512 x) {
  const __m512 bell = exponential(_mm512_mul_ps(_mm512_mul_ps(x, x), set(-0.5F)));
  const __m512 d = _mm512_fmadd_ps(_mm512_abs_ps(x), set(0.3275911F * 0.70710678F), set(1.0F));
  __m512 t = _mm512_rcp14_ps(d);
  t = _mm512_mul_ps(t, _mm512_fnmadd_ps(d, t, set(2.0F)));
  __m512 sum = set(1.061405429F);
  for (const float c : {-1.453152027F, 1.421413741F, -0.284496736F, 0.254829592F}) {
    sum = _mm512_fmadd_ps(sum, t, set(c));
  }
  const __m512 tail = _mm512_mul_ps(_mm512_mul_ps(_mm512_mul_ps(sum, t), bell), set(0.5F));  // 1 - Φ(|x|)
  const __mmask16 negative = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
  const __m512 phi = _mm512_mask_mov_ps(_mm512_sub_ps(set(1.0F), tail), negative, tail);
  const __m512 slope = _mm512_fmadd_ps(_mm512_mul_ps(x, bell), set(0.39894228F), phi);
  return {_mm512_mul_ps(x, phi), slope};
}

/// Dropout whose mask is a function of the seed and of an element's index, so that nothing is stored for the backward
/// pass. The hash is multiplications and shifts, as MurmurHash3's last mix (Appleby 2011).
class Dropout {
 public:
  explicit Dropout(const kernels::DropoutMask& mask)
      : seed_(_mm512_set1_epi32(static_cast<int>(mask.seed))),
        threshold_(_mm512_set1_epi32(static_cast<int>(mask.threshold()))),
        scale_(set(mask.scale())),
        active_(mask.rate > 0) {}

  /// x · mask / (1 - rate) for the sixteen elements from `index`.
  __m512 operator()(__m512 x, uint64_t index) const {
    if (!active_) return x;
    return _mm512_maskz_mul_ps(kept(static_cast<uint32_t>(index)), x, scale_);
  }

 private:
  __mmask16 kept(uint32_t index) const {
    const __m512i steps = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i h = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(index)), steps);
    h = _mm512_mullo_epi32(_mm512_xor_si512(h, seed_), _mm512_set1_epi32(static_cast<int>(0x9E3779B1U)));
    h = _mm512_xor_si512(h, _mm512_srli_epi32(h, 15));
    h = _mm512_mullo_epi32(h, _mm512_set1_epi32(static_cast<int>(0x85EBCA77U)));
    h = _mm512_xor_si512(h, _mm512_srli_epi32(h, 13));
    return _mm512_cmpge_epu32_mask(h, threshold_);
  }

  __m512i seed_;
  __m512i threshold_;
  __m512 scale_;
  bool active_;
};

}  // namespace sure::avx512
