// Between tensors and the kernels' plain memory.
#pragma once

#include "core/tensor.h"
#include "kernels/dispatch.h"

namespace sure::fused {

/// Null for an undefined tensor.
inline const void* data_of(const Tensor& x) { return x.defined() ? x.const_data_ptr() : nullptr; }
inline void* mutable_data_of(const Tensor& x) { return x.defined() ? x.mutable_data_ptr() : nullptr; }

/// Null for an undefined tensor.
inline const float* floats_of(const Tensor& x) { return x.defined() ? x.const_data_ptr<float>() : nullptr; }

/// Whether the fused operations can work on a tensor: bf16 or fp32 on the CPU, and kernels for it.
bool can_fuse(at::ScalarType type, at::Device device);
inline bool can_fuse(const Tensor& x) { return can_fuse(x.scalar_type(), x.device()); }

/// Whether their kernels have quantised products.
bool can_quantise(at::ScalarType type, at::Device device);

/// The kernels for tensors of that type, where can_fuse.
const kernels::Kernels& kernels_for(at::ScalarType type);
inline const kernels::Kernels& kernels_for(const Tensor& x) { return kernels_for(x.scalar_type()); }

/// A mask for so many elements, with a new seed from torch's default generator; none outside training. Of a batch that
/// several processes share, the elements are those of the rows here (see BatchRows).
kernels::DropoutMask draw_dropout(double rate, bool training, int64_t elements);

}  // namespace sure::fused
