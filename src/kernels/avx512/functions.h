// The kernels of this folder; what they do is said at the table, kernels/bf16.h.
#pragma once

#include "kernels/bf16.h"

namespace sure::avx512 {

void multiply_bias(const kernels::SumOfProducts& sum, const float* bias, const kernels::Target& target);
void multiply_gelu(const kernels::SumOfProducts& sum, const float* bias, const kernels::DropoutMask& dropout,
                   const kernels::Target& target, kernels::bf16* slope);
void multiply_scale(const kernels::SumOfProducts& sum, const kernels::bf16* factor, const kernels::Target& target);
void multiply_float(const kernels::SumOfProducts& sum, float factor, float* target, int64_t stride);
void pack_pairs(const kernels::bf16* from, int64_t stride, int64_t rows, int64_t columns, kernels::bf16* to);
void dropout(const kernels::bf16* x, int64_t count, const kernels::DropoutMask& mask, kernels::bf16* to);
void add_norm(const kernels::AddNorm& op);
void add_norm_backward(const kernels::AddNormBackward& op);
void attention(const kernels::Attention& op);
void attention_backward(const kernels::AttentionBackward& op);
void depthwise_chain(const kernels::DepthwiseChain& op);
void depthwise_chain_backward(const kernels::DepthwiseChainBackward& op);
void first_conv(const kernels::FirstConv& op);

}  // namespace sure::avx512
