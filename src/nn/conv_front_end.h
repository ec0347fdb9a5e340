// The convolutional front-end of wav2vec 2.0 (Baevski et al. 2020): waveform [B, S] -> features [B, T, C] at 50 Hz.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fused/convolution.h"
#include "nn/activation.h"
#include "nn/adapter_set.h"
#include "nn/norm.h"
#include "nn/packed_weight.h"

namespace sure {

struct ConvFrontEndOptions {
  std::vector<int64_t> channels;
  std::vector<int64_t> kernels;
  std::vector<int64_t> strides;
  bool bias = false;
  bool layer_norms = false;  // after each convolution; else a group norm after the first
  std::string activation = "gelu";
};

/// Frames that convolutions of these kernels and strides, without padding, make of `samples`; 0 when there are too few.
int64_t conv_frames(int64_t samples, const std::vector<int64_t>& kernels, const std::vector<int64_t>& strides);

class ConvFrontEnd {
 public:
  ConvFrontEnd(const Scope& scope, const ConvFrontEndOptions& options);

  /// fp32 [B, S] -> `dtype` [B, T, C]. `lengths` (int64 [B], samples, on the CPU) may be undefined; with `exact_norm`
  /// the group norm counts valid frames only. `whole`, null or not: `audio` is a part of a recording with these
  /// moments, by which the group norm goes.
  Tensor forward(const Tensor& audio, at::ScalarType dtype, const Tensor& lengths, bool exact_norm,
                 const fused::WindowMoments* whole, const ForwardContext& context) const;

 private:
  struct Layer {
    Tensor weight;  // [C_out, C_in, K]
    Tensor bias;    // [C_out] or undefined
    int64_t stride = 1;
    std::optional<LayerNorm> layer_norm;
    std::optional<ChannelNorm> channel_norm;
    SiteId site = kNoSite;
    PackedWeight taps;  // the weight as fused::conv takes it; frozen weights only
  };

  bool fusable(const Tensor& audio, at::ScalarType dtype, const ForwardContext& context) const;
  Tensor run_fused(const Tensor& audio, at::ScalarType dtype, const Tensor& lengths, bool exact_norm,
                   const fused::WindowMoments* whole) const;

  Tensor run(const Layer& layer, const Tensor& x, const Tensor& lengths, bool exact_norm,
             const fused::WindowMoments* whole, const ForwardContext& context) const;
  Tensor convolve_normed(const Layer& layer, const Tensor& x, const Tensor& mask,
                         const fused::WindowMoments* whole) const;

  std::vector<Layer> layers_;
  Activation activation_;
};

/// bool [B, T], true for the first lengths[b] frames; undefined for undefined lengths. On the device of `like`.
Tensor mask_of_lengths(const Tensor& lengths, int64_t frames, const Tensor& like);

}  // namespace sure
