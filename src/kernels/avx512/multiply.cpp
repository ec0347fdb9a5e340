// Sums of products; see kernels/bf16.h.
#include "kernels/avx512/functions.h"
#include "kernels/avx512/gemm.h"

namespace sure::avx512 {

using kernels::DropoutMask;
using kernels::SumOfProducts;
using kernels::Target;

namespace {

struct StoreBias {
  Target target;
  const float* bias;

  StoreBias of_clip(int64_t clip) const { return {{target.data + clip * target.clip_stride, target.stride, 0}, bias}; }
  template <class L>
  void operator()(int64_t row, int64_t column, __m512 sum, L lanes) const {
    if (bias != nullptr) sum = _mm512_add_ps(sum, lanes.load(bias + column));
    lanes.store(target.data + row * target.stride + column, sum);
  }
};

struct StoreGelu {
  Target target;
  bf16* slope;
  const float* bias;
  Dropout dropout;

  StoreGelu of_clip(int64_t clip) const {
    const int64_t offset = clip * target.clip_stride;
    return {{target.data + offset, target.stride, 0}, slope == nullptr ? nullptr : slope + offset, bias, dropout};
  }
  template <class L>
  void operator()(int64_t row, int64_t column, __m512 sum, L lanes) const {
    if (bias != nullptr) sum = _mm512_add_ps(sum, lanes.load(bias + column));
    const Gelu y = gelu(sum);
    const int64_t at = row * target.stride + column;
    lanes.store(target.data + at, dropout(y.value, static_cast<uint64_t>(at)));
    if (slope != nullptr) lanes.store(slope + at, dropout(y.slope, static_cast<uint64_t>(at)));
  }
};

struct StoreScaled {
  Target target;
  const bf16* factor;

  StoreScaled of_clip(int64_t clip) const {
    const int64_t offset = clip * target.clip_stride;
    return {{target.data + offset, target.stride, 0}, factor + offset};
  }
  template <class L>
  void operator()(int64_t row, int64_t column, __m512 sum, L lanes) const {
    const int64_t at = row * target.stride + column;
    lanes.store(target.data + at, _mm512_mul_ps(sum, lanes.load(factor + at)));
  }
};

struct StoreFloat {
  float* target;
  int64_t stride;
  __m512 factor;

  StoreFloat of_clip(int64_t) const { return *this; }
  template <class L>
  void operator()(int64_t row, int64_t column, __m512 sum, L lanes) const {
    lanes.store(target + row * stride + column, _mm512_mul_ps(sum, factor));
  }
};

}  // namespace

void multiply_bias(const SumOfProducts& sum, const float* bias, const Target& target) {
  multiply(sum, StoreBias{target, bias});
}

void multiply_gelu(const SumOfProducts& sum, const float* bias, const DropoutMask& dropout, const Target& target,
                   bf16* slope) {
  multiply(sum, StoreGelu{target, slope, bias, Dropout(dropout)});
}

void multiply_scale(const SumOfProducts& sum, const bf16* factor, const Target& target) {
  multiply(sum, StoreScaled{target, factor});
}

void multiply_float(const SumOfProducts& sum, float factor, float* target, int64_t stride) {
  multiply(sum, StoreFloat{target, stride, set(factor)});
}

void pack_pairs(const bf16* from, int64_t stride, int64_t rows, int64_t columns, bf16* to) {
  pack_columns(from, stride, rows, columns, kernels::packed_pairs_width(columns), to);
}

}  // namespace sure::avx512
