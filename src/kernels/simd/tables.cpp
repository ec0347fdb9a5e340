#include "kernels/simd/tables.h"

#include "kernels/simd/functions.h"

namespace sure::SURE_SIMD {

namespace {

template <class T>
constexpr kernels::Kernels kernels_for() {
  kernels::Kernels table = {multiply_bias<T>,   multiply_gelu<T>,
                            multiply_scale<T>,  multiply_float<T>,
                            pack_a<T>,          dropout<T>,
                            add_norm<T>,        add_norm_backward<T>,
                            attention<T>,       attention_backward<T>,
                            depthwise_chain<T>, depthwise_chain_backward<T>,
                            first_conv<T>};
#ifdef __AVX512VNNI__
  table.quantise_rows = quantise_rows<T>;
#endif
  return table;
}

}  // namespace

constexpr kernels::Kernels kBf16Kernels = kernels_for<kernels::bf16>();
constexpr kernels::Kernels kFloatKernels = kernels_for<float>();

}  // namespace sure::SURE_SIMD
