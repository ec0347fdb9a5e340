// Sums of products; see kernels/kernels.h.
#include "kernels/simd/functions.h"
#include "kernels/simd/gemm.h"

namespace sure::SURE_SIMD {

using kernels::DropoutMask;
using kernels::SumOfProducts;
using kernels::Target;

namespace {

template <class T>
struct StoreBias {
  T* target;
  int64_t stride;
  int64_t clip_stride;
  const float* bias;

  StoreBias of_clip(int64_t clip) const { return {target + clip * clip_stride, stride, 0, bias}; }
  template <class L>
  void operator()(int64_t row, int64_t column, Floats sum, L lanes) const {
    if (bias != nullptr) sum += lanes.load(bias + column);
    lanes.store(target + row * stride + column, sum);
  }
};

template <class T>
struct StoreGelu {
  T* target;
  T* slope;
  int64_t stride;
  int64_t clip_stride;
  const float* bias;
  Dropout dropout;

  StoreGelu of_clip(int64_t clip) const {
    const int64_t offset = clip * clip_stride;
    return {target + offset, slope == nullptr ? nullptr : slope + offset, stride, 0, bias, dropout};
  }
  template <class L>
  void operator()(int64_t row, int64_t column, Floats sum, L lanes) const {
    if (bias != nullptr) sum += lanes.load(bias + column);
    const Gelu y = gelu(sum);
    const int64_t at = row * stride + column;
    lanes.store(target + at, dropout(y.value, static_cast<uint64_t>(at)));
    if (slope != nullptr) lanes.store(slope + at, dropout(y.slope, static_cast<uint64_t>(at)));
  }
};

template <class T>
struct StoreScaled {
  T* target;
  const T* factor;
  int64_t stride;
  int64_t clip_stride;

  StoreScaled of_clip(int64_t clip) const {
    const int64_t offset = clip * clip_stride;
    return {target + offset, factor + offset, stride, 0};
  }
  template <class L>
  void operator()(int64_t row, int64_t column, Floats sum, L lanes) const {
    const int64_t at = row * stride + column;
    lanes.store(target + at, sum * lanes.load(factor + at));
  }
};

struct StoreFloat {
  float* target;
  int64_t stride;
  Floats factor;

  StoreFloat of_clip(int64_t) const { return *this; }
  template <class L>
  void operator()(int64_t row, int64_t column, Floats sum, L lanes) const {
    lanes.store(target + row * stride + column, sum * factor);
  }
};

}  // namespace

template <class T>
void multiply_bias(const SumOfProducts& sum, const float* bias, const Target& target) {
  multiply<T>(sum, StoreBias<T>{static_cast<T*>(target.data), target.stride, target.clip_stride, bias});
}

template <class T>
void multiply_gelu(const SumOfProducts& sum, const float* bias, const DropoutMask& dropout, const Target& target,
                   void* slope) {
  multiply<T>(sum, StoreGelu<T>{static_cast<T*>(target.data), static_cast<T*>(slope), target.stride, target.clip_stride,
                                bias, Dropout(dropout)});
}

template <class T>
void multiply_scale(const SumOfProducts& sum, const void* factor, const Target& target) {
  multiply<T>(sum, StoreScaled<T>{static_cast<T*>(target.data), static_cast<const T*>(factor), target.stride,
                                  target.clip_stride});
}

template <class T>
void multiply_float(const SumOfProducts& sum, float factor, float* target, int64_t stride) {
  multiply<T>(sum, StoreFloat{target, stride, set(factor)});
}

template <class T>
kernels::Product pack_a(const void* from, int64_t stride, int64_t rows, int64_t columns, void* to) {
  const Strides strides =
      pack_columns_of_a(static_cast<const T*>(from), stride, rows, columns, static_cast<uint32_t*>(to));
  kernels::Product product;
  product.a = to;
  product.a_stride = strides.row;
  product.a_word_stride = strides.word;
  product.k = rows;
  return product;
}

template void multiply_bias<bf16>(const SumOfProducts& sum, const float* bias, const Target& target);
template void multiply_gelu<bf16>(const SumOfProducts& sum, const float* bias, const DropoutMask& dropout,
                                  const Target& target, void* slope);
template void multiply_scale<bf16>(const SumOfProducts& sum, const void* factor, const Target& target);
template void multiply_float<bf16>(const SumOfProducts& sum, float factor, float* target, int64_t stride);
template kernels::Product pack_a<bf16>(const void* from, int64_t stride, int64_t rows, int64_t columns, void* to);
template void multiply_bias<float>(const SumOfProducts& sum, const float* bias, const Target& target);
template void multiply_gelu<float>(const SumOfProducts& sum, const float* bias, const DropoutMask& dropout,
                                   const Target& target, void* slope);
template void multiply_scale<float>(const SumOfProducts& sum, const void* factor, const Target& target);
template void multiply_float<float>(const SumOfProducts& sum, float factor, float* target, int64_t stride);
template kernels::Product pack_a<float>(const void* from, int64_t stride, int64_t rows, int64_t columns, void* to);

}  // namespace sure::SURE_SIMD
