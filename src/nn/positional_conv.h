// Relative positions by a wide grouped convolution over time (Baevski et al. 2020): GELU(conv(x)), weight norm over all
// but the kernel axis (Salimans and Kingma 2016), or a batch norm in front (some HuBERT checkpoints).
#pragma once

#include "nn/activation.h"
#include "nn/packed_weight.h"
#include "nn/parameters.h"
#include "nn/positions.h"

namespace sure {

struct PositionalConvOptions {
  int64_t size = 768;
  int64_t kernel = 128;  // frames
  int64_t groups = 16;
  bool batch_norm = false;
  std::string activation = "gelu";
};

class PositionalConv : public Positions {
 public:
  PositionalConv(const Scope& scope, const PositionalConvOptions& options);

  /// The batch norm always uses its running statistics. With a mask the frames outside are silent behind the batch norm
  /// too, as the convolution's own padding is.
  Tensor forward(const Tensor& x, const Tensor& frame_mask) const override;

 private:
  bool fusable(const Tensor& x) const;
  Tensor fold(at::ScalarType dtype) const;
  Tensor weight(at::ScalarType dtype) const;

  Tensor weight_g_;  // [1, 1, K]
  Tensor weight_v_;  // [D, D / groups, K], or the plain weight
  Tensor bias_;
  Tensor norm_weight_, norm_bias_, norm_mean_, norm_variance_;  // [D] each, with the batch norm
  PackedWeight folded_;                                         // the product of the two, while they are frozen
  PackedWeight taps_;                                           // the same as fused::positional_conv takes it
  int64_t groups_;
  Activation activation_;
};

}  // namespace sure
