// Frozen convolutions over time in bf16 or fp32 with channels last, [B, T, C], as matrix products on overlapping rows.
// No gradients: below the lowest layer that trains none are needed.
#pragma once

#include "core/tensor.h"

namespace sure::fused {

/// A convolution's weight [out, in, K] as the operations here take it: [out, K · in] of the given type.
Tensor taps_first(const Tensor& weight, at::ScalarType type);

/// x [B, T, C] -> [B, T', out], T' = (T - K) / stride + 1; bias may be undefined. GELU follows where asked for.
Tensor conv(const Tensor& x, const Tensor& taps, const Tensor& bias, int64_t stride, bool gelu);

/// GELU of the grouped "same" convolution of wav2vec 2.0's positions: x [B, T, C], one weight per group [groups,
/// C / groups, K · C / groups] (taps_first of each), bias [C] -> [B, T, C].
Tensor positional_conv(const Tensor& x, const Tensor& taps, const Tensor& bias);

/// The first layer: audio [B, S] fp32, weight [C, 1, K], bias [C] or undefined -> [B, T, C] of the given type, without
/// activation.
Tensor first_conv(const Tensor& audio, const Tensor& weight, const Tensor& bias, int64_t stride, at::ScalarType type);

/// Of the windows that a convolution of K taps sees of one recording.
struct WindowMoments {
  Tensor mean;        // double [K]
  Tensor covariance;  // double [K, K], of the population
};

/// The group norm, one channel a group, of a recording with these moments, folded into its convolution of this weight
/// [C, 1, K] (whose bias would cancel).
struct FoldedNorm {
  Tensor weight;  // double [C, K]
  Tensor bias;    // double [C]
};
FoldedNorm fold_norm(const WindowMoments& seen, const Tensor& weight, const Tensor& norm_weight,
                     const Tensor& norm_bias, double eps);

/// GELU of the group norm, one channel a group, of the same (whose bias would cancel); the norm is folded into the
/// convolution through the mean and covariance of its windows: those in `whole`, or if that is null the clip's own, of
/// which `frames` int64 [B] says how many count (undefined: all).
Tensor first_conv_normed(const Tensor& audio, const Tensor& weight, int64_t stride, const Tensor& norm_weight,
                         const Tensor& norm_bias, double eps, const Tensor& frames, const WindowMoments* whole,
                         at::ScalarType type);

/// GELU of the layer norm of x [..., C], weights frozen.
Tensor norm_gelu(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps);

}  // namespace sure::fused
