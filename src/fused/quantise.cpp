#include "fused/quantise.h"

#include <ATen/ops/bitwise_xor.h>
#include <ATen/ops/empty.h>

#include "fused/memory.h"

namespace sure::fused {

Quantised quantise_rows(const Tensor& x, const Tensor& factors) {
  const int64_t rows = x.size(0), columns = x.size(1);
  Quantised result = {at::empty({rows, columns}, at::kByte), at::empty({rows}, at::kFloat)};
  kernels_for(x).quantise_rows(data_of(x), rows, columns, floats_of(factors), result.values.mutable_data_ptr<uint8_t>(),
                               result.scales.mutable_data_ptr<float>());
  return result;
}

Quantised quantise_weight(const Tensor& weight) {
  const Quantised offset = quantise_rows(weight.to(at::kFloat).contiguous());
  return {offset.values.bitwise_xor(0x80).view(at::kChar), offset.scales};  // less 128, in two's complement
}

kernels::QuantisedProduct product_of(const Quantised& x, const Tensor& weight) {
  kernels::QuantisedProduct product;
  product.a = x.values.const_data_ptr<uint8_t>();
  product.a_scales = floats_of(x.scales);
  product.b = weight.const_data_ptr<int8_t>();
  product.b_stride = weight.size(1);
  product.k = x.values.size(1);
  return product;
}

Tensor dequantise(const Tensor& values, const Tensor& scales, at::ScalarType type) {
  return (values.to(at::kFloat) * scales.unsqueeze(1)).to(type);
}

}  // namespace sure::fused
