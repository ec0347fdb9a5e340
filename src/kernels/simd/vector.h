// What the kernels compute on vectors of floats, whatever their width.
#pragma once

#ifdef __AVX512F__
#include "kernels/simd/avx512.h"
#else
#include "kernels/simd/avx2.h"
#endif

#include <initializer_list>

namespace sure::SURE_SIMD {

inline Floats zero() { return set(0); }

/// Calls body(column, lanes) for each vector of `columns`, the last with the lanes that are left.
template <class Body>
inline __attribute__((always_inline)) void for_columns(int64_t columns, const Body& body) {
  int64_t column = 0;
  for (; column + kLanes <= columns; column += kLanes) body(column, Lanes<true>(kLanes));
  if (column < columns) body(column, Lanes<false>(columns - column));
}

/// exp(x), relative error below 3e-7 for -86 <= x <= 88; what is below counts as -86. NaN stays NaN.
inline Floats exponential(Floats x) {
  const Floats y = max(set(-86.0F), x) * set(1.44269504F);
  const Floats rounding = set(12582912.0F);  // 1.5 · 2^23: the sum's lowest bits are y's nearest whole number
  const Floats shifted = y + rounding;
  const Floats part = y - (shifted - rounding);
  // 2^part on [-0.5, 0.5], the Taylor series of exp(part ln 2).
  Floats sum = set(1.5403530e-4F);
  for (const float c : {1.3333558e-3F, 9.6181291e-3F, 5.5504109e-2F, 2.4022651e-1F, 6.9314718e-1F, 1.0F}) {
    sum = fma(sum, part, set(c));
  }
  return times_power_of_two(sum, shifted - rounding, shifted);
}

struct Gelu {
  Floats value;
  Floats slope;
};

/// x Φ(x) and its derivative Φ(x) + x φ(x) (Hendrycks and Gimpel 2016); Φ by formula 7.1.26 of Abramowitz and Stegun,
/// absolute error below 2e-7.
inline Gelu gelu(Floats x) {
  const Floats bell = exponential(x * x * set(-0.5F));
  const Floats magnitude = reinterpret_cast<Floats>(reinterpret_cast<Words>(x) & 0x7FFFFFFFU);
  const Floats t = reciprocal(fma(magnitude, set(0.3275911F * 0.70710678F), set(1.0F)));
  Floats sum = set(1.061405429F);
  for (const float c : {-1.453152027F, 1.421413741F, -0.284496736F, 0.254829592F}) sum = fma(sum, t, set(c));
  const Floats tail = sum * t * bell * set(0.5F);  // 1 - Φ(|x|)
  const Floats phi = x < zero() ? tail : set(1.0F) - tail;
  return {x * phi, fma(x * bell, set(0.39894228F), phi)};
}

/// Dropout whose mask is a function of the seed and of an element's index, so that nothing is stored for the backward
/// pass. The hash is multiplications and shifts, as MurmurHash3's last mix (Appleby 2011).
class Dropout {
 public:
  explicit Dropout(const kernels::DropoutMask& mask)
      : seed_(set_words(mask.seed)),
        threshold_(set_words(mask.threshold())),
        scale_(set(mask.scale())),
        first_(mask.first),
        active_(mask.rate > 0) {}

  /// x · mask / (1 - rate) for the vector from `index`.
  Floats operator()(Floats x, uint64_t index) const {
    if (!active_) return x;
    return x * (hash(first_ + static_cast<uint32_t>(index)) >= threshold_ ? scale_ : zero());
  }

 private:
  Words hash(uint32_t index) const {
    Words h = ((set_words(index) + count_up()) ^ seed_) * 0x9E3779B1U;
    h = (h ^ (h >> 15)) * 0x85EBCA77U;
    return h ^ (h >> 13);
  }

  Words seed_;
  Words threshold_;
  Floats scale_;
  uint32_t first_;
  bool active_;
};

}  // namespace sure::SURE_SIMD
