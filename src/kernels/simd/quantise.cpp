// Rows as 8-bit numbers, for quantised products.
#include "kernels/parallel.h"
#include "kernels/simd/functions.h"
#include "kernels/simd/vector.h"

#ifdef __AVX512VNNI__

namespace sure::SURE_SIMD {

namespace {

template <class T>
float quantise_row(const T* x, int64_t columns, const float* factors, uint8_t* to) {
  const auto value_at = [&](int64_t column, auto lanes) {
    const Floats value = lanes.load(x + column);
    return factors == nullptr ? value : value * lanes.load(factors + column);
  };
  Floats largest = zero(), poison = zero();  // poison: 0, or NaN where the row holds one, or an infinity
  for_columns(columns, [&](int64_t column, auto lanes) {
    const Floats value = value_at(column, lanes);
    largest = max(largest, max(value, -value));
    poison = fma(value, zero(), poison);
  });
  const float limit = largest_of(largest);
  const Floats inverse = set(limit > 0 ? 127 / limit : 0);
  for_columns(columns,
              [&](int64_t column, auto lanes) { lanes.store(to + column, value_at(column, lanes) * inverse); });
  return limit / 127 + sum_of(poison);
}

}  // namespace

template <class T>
void quantise_rows(const void* x, int64_t rows, int64_t columns, const float* factors, uint8_t* to, float* scales) {
  kernels::in_parallel(rows, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      scales[row] = quantise_row(static_cast<const T*>(x) + row * columns, columns, factors, to + row * columns);
    }
  });
}

template void quantise_rows<bf16>(const void* x, int64_t rows, int64_t columns, const float* factors, uint8_t* to,
                                  float* scales);
template void quantise_rows<float>(const void* x, int64_t rows, int64_t columns, const float* factors, uint8_t* to,
                                   float* scales);

}  // namespace sure::SURE_SIMD

#endif
