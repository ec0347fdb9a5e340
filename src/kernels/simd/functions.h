// The kernels of this folder for elements T, bf16 or float; what they do is said at the table, kernels/kernels.h.
#pragma once

#include "kernels/kernels.h"

namespace sure::SURE_SIMD {

template <class T>
void multiply_bias(const kernels::SumOfProducts& sum, const float* bias, const kernels::Target& target);
template <class T>
void multiply_gelu(const kernels::SumOfProducts& sum, const float* bias, const kernels::DropoutMask& dropout,
                   const kernels::Target& target, void* slope);
template <class T>
void multiply_scale(const kernels::SumOfProducts& sum, const void* factor, const kernels::Target& target);
template <class T>
void multiply_float(const kernels::SumOfProducts& sum, float factor, float* target, int64_t stride);
template <class T>
kernels::Product pack_a(const void* from, int64_t stride, int64_t rows, int64_t columns, void* to);
template <class T>
void quantise_rows(const void* x, int64_t rows, int64_t columns, const float* factors, uint8_t* to, float* scales);
template <class T>
void dropout(const void* x, int64_t count, const kernels::DropoutMask& mask, void* to);
template <class T>
void add_norm(const kernels::AddNorm& op);
template <class T>
void add_norm_backward(const kernels::AddNormBackward& op);
template <class T>
void attention(const kernels::Attention& op);
template <class T>
void attention_backward(const kernels::AttentionBackward& op);
template <class T>
void depthwise_chain(const kernels::DepthwiseChain& op);
template <class T>
void depthwise_chain_backward(const kernels::DepthwiseChainBackward& op);
template <class T>
void first_conv(const kernels::FirstConv& op);

}  // namespace sure::SURE_SIMD
