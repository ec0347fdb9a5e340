// Matrices as 8-bit numbers, each row with a scale of its own (Dettmers et al. 2022, "vector-wise").
#pragma once

#include "core/tensor.h"
#include "kernels/kernels.h"

namespace sure::fused {

struct Quantised {
  Tensor values;  // [rows, columns]: int8 of a weight, uint8 of what it multiplies (128 added)
  Tensor scales;  // [rows], fp32: max |row| / 127
};

/// A weight [out, in], for good. Needs can_quantise in fp32.
Quantised quantise_weight(const Tensor& weight);

/// Activations or gradients [rows, columns], bf16 or fp32, each column times its factor [columns] where there are
/// such, for one product. Needs can_quantise.
Quantised quantise_rows(const Tensor& x, const Tensor& factors = {});

/// The product of x with a weight's int8 numbers, without the weight's scales; both must outlive it.
kernels::QuantisedProduct product_of(const Quantised& x, const Tensor& weight);

/// What a weight's 8-bit numbers stand for.
Tensor dequantise(const Tensor& values, const Tensor& scales, at::ScalarType type);

}  // namespace sure::fused
