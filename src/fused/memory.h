// Between tensors and the kernels' plain memory.
#pragma once

#include "core/tensor.h"
#include "kernels/bf16.h"

namespace sure::fused {

inline const kernels::bf16* data_of(const Tensor& x) {
  return reinterpret_cast<const kernels::bf16*>(x.const_data_ptr<at::BFloat16>());
}

inline kernels::bf16* mutable_data_of(const Tensor& x) {
  return reinterpret_cast<kernels::bf16*>(x.mutable_data_ptr<at::BFloat16>());
}

/// Null for an undefined tensor.
inline const float* floats_of(const Tensor& x) { return x.defined() ? x.const_data_ptr<float>() : nullptr; }

/// Whether the fused operations can work on x: bf16 on the CPU, and kernels for it.
bool can_fuse(const Tensor& x);

/// A mask with a new seed from torch's default generator; none outside training.
kernels::DropoutMask draw_dropout(double rate, bool training);

}  // namespace sure::fused
