// The generator of HiFi-GAN (Kong et al. 2020): log-mel -> convolution -> (transposed convolution that multiplies the
// rate -> mean of residual blocks with growing kernels and dilations) several times -> convolution -> tanh.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/parameters.h"
#include "vocoder/vocoder.h"

namespace sure {

struct HifiGanConfig {
  MelOptions mel;  // its hop must be the product of the rates
  int64_t upsample_initial_channel = 512;
  std::vector<int64_t> upsample_rates = {8, 8, 2, 2};
  std::vector<int64_t> upsample_kernel_sizes = {16, 16, 4, 4};
  std::vector<int64_t> resblock_kernel_sizes = {3, 7, 11};
  std::vector<std::vector<int64_t>> resblock_dilation_sizes = {{1, 3, 5}, {1, 3, 5}, {1, 3, 5}};
  std::string resblock = "1";  // "2": V3's, of one convolution for each dilation
  double leaky_relu_slope = 0.1;
  bool normalize_before = false;  // the model has a mean and a scale for its input
};

/// A one-dimensional convolution that keeps the length.
class SameConv {
 public:
  SameConv(const Scope& scope, int64_t in, int64_t out, int64_t kernel, int64_t dilation = 1);

  /// [B, in, T] -> [B, out, T].
  Tensor forward(const Tensor& x) const;

  /// Samples to each side.
  int64_t reach() const;

 private:
  Tensor weight_;
  Tensor bias_;
  int64_t dilation_;
};

/// x + conv(…) for each dilation in turn.
class ResidualBlock {
 public:
  ResidualBlock(const Scope& scope, int64_t channels, int64_t kernel, const std::vector<int64_t>& dilations,
                const HifiGanConfig& config);

  /// [B, channels, T] -> [B, channels, T].
  Tensor forward(const Tensor& x) const;

  int64_t reach() const;

 private:
  struct Step {
    std::vector<SameConv> convolutions;  // each behind a leaky ReLU
  };
  std::vector<Step> steps_;
  double slope_;
};

/// One step up in rate.
class UpsamplingStage {
 public:
  /// `blocks`: the scope of all residual blocks; this stage has those from index · kernels on.
  UpsamplingStage(const Scope& scope, const Scope& blocks, int64_t index, const HifiGanConfig& config);

  /// [B, 2 channels, T] -> [B, channels, T · rate].
  Tensor forward(const Tensor& x) const;

  int64_t rate() const { return rate_; }
  /// Samples to each side, of its input and of its output.
  int64_t input_reach() const;
  int64_t output_reach() const;

 private:
  Tensor weight_;  // [in, out, kernel]
  Tensor bias_;
  int64_t rate_;
  double slope_;
  std::vector<ResidualBlock> blocks_;
};

class HifiGan : public Vocoder {
 public:
  /// Builds conv_pre, upsampler.N, resblocks.N, conv_post and, with normalize_before, mean and scale, weights without
  /// weight norm.
  HifiGan(const Scope& scope, HifiGanConfig config);

  Tensor forward(const Tensor& mel) const override;
  const MelOptions& mel() const override { return config_.mel; }
  int64_t reach() const override { return reach_; }

  const HifiGanConfig& config() const { return config_; }

 private:
  int64_t frames_reached() const;

  HifiGanConfig config_;
  Tensor mean_;
  Tensor scale_;
  SameConv conv_pre_;
  std::vector<UpsamplingStage> stages_;
  SameConv conv_post_;
  int64_t reach_;
};

}  // namespace sure
