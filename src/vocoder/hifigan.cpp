#include "vocoder/hifigan.h"

#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv_transpose1d.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/tanh.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"

namespace sure {

namespace {

constexpr int64_t kEndKernel = 7;
constexpr double kLastSlope = 0.01;
constexpr double kInitialSpread = 0.01;

int64_t channels_of(const HifiGanConfig& config, int64_t stage) { return config.upsample_initial_channel >> stage; }

int64_t stages_of(const HifiGanConfig& config) { return std::ssize(config.upsample_rates); }

}  // namespace

SameConv::SameConv(const Scope& scope, int64_t in, int64_t out, int64_t kernel, int64_t dilation)
    : weight_(scope.parameter("weight", {out, in, kernel}, init::normal(kInitialSpread))),
      bias_(scope.parameter("bias", {out}, init::zeros())),
      dilation_(dilation) {}

Tensor SameConv::forward(const Tensor& x) const {
  return at::conv1d(x, weight_, bias_, /*stride=*/1, /*padding=*/reach(), dilation_);
}

int64_t SameConv::reach() const { return (weight_.size(2) - 1) * dilation_ / 2; }

ResidualBlock::ResidualBlock(const Scope& scope, int64_t channels, int64_t kernel,
                             const std::vector<int64_t>& dilations, const HifiGanConfig& config)
    : slope_(config.leaky_relu_slope) {
  const bool pairs = config.resblock == "1";
  for (int64_t i = 0; i < std::ssize(dilations); ++i) {
    Step step;
    step.convolutions.emplace_back(scope / (pairs ? "convs1" : "convs") / i, channels, channels, kernel,
                                   dilations[static_cast<size_t>(i)]);
    if (pairs) step.convolutions.emplace_back(scope / "convs2" / i, channels, channels, kernel);
    steps_.push_back(std::move(step));
  }
}

Tensor ResidualBlock::forward(const Tensor& x) const {
  Tensor sum = x;
  for (const Step& step : steps_) {
    Tensor y = sum;
    for (const SameConv& conv : step.convolutions) y = conv.forward(at::leaky_relu(y, slope_));
    sum = y.add_(sum);
  }
  return sum;
}

int64_t ResidualBlock::reach() const {
  int64_t reach = 0;
  for (const Step& step : steps_) {
    for (const SameConv& conv : step.convolutions) reach += conv.reach();
  }
  return reach;
}

UpsamplingStage::UpsamplingStage(const Scope& scope, const Scope& blocks, int64_t index, const HifiGanConfig& config)
    : rate_(config.upsample_rates[static_cast<size_t>(index)]), slope_(config.leaky_relu_slope) {
  const int64_t in = channels_of(config, index), out = channels_of(config, index + 1);
  const int64_t kernel = config.upsample_kernel_sizes[static_cast<size_t>(index)];
  weight_ = scope.parameter("weight", {in, out, kernel}, init::normal(kInitialSpread));
  bias_ = scope.parameter("bias", {out}, init::zeros());
  const int64_t count = std::ssize(config.resblock_kernel_sizes);
  for (int64_t i = 0; i < count; ++i) {
    const auto place = static_cast<size_t>(i);
    blocks_.emplace_back(blocks / (index * count + i), out, config.resblock_kernel_sizes[place],
                         config.resblock_dilation_sizes[place], config);
  }
}

Tensor UpsamplingStage::forward(const Tensor& x) const {
  const int64_t padding = (weight_.size(2) - rate_) / 2;
  const Tensor up = at::conv_transpose1d(at::leaky_relu(x, slope_), weight_, bias_, rate_, padding);
  Tensor sum = blocks_.front().forward(up);
  for (size_t i = 1; i < blocks_.size(); ++i) sum.add_(blocks_[i].forward(up));
  return sum.div_(static_cast<double>(blocks_.size()));
}

int64_t UpsamplingStage::input_reach() const { return (weight_.size(2) + rate_ - 1) / rate_; }

int64_t UpsamplingStage::output_reach() const {
  int64_t reach = 0;
  for (const ResidualBlock& block : blocks_) reach = std::max(reach, block.reach());
  return reach;
}

HifiGan::HifiGan(const Scope& scope, HifiGanConfig config)
    : config_(std::move(config)),
      conv_pre_(scope / "conv_pre", config_.mel.bins, config_.upsample_initial_channel, kEndKernel),
      conv_post_(scope / "conv_post", channels_of(config_, stages_of(config_)), 1, kEndKernel) {
  for (int64_t i = 0; i < stages_of(config_); ++i) {
    stages_.emplace_back(scope / "upsampler" / i, scope / "resblocks", i, config_);
  }
  if (config_.normalize_before) {
    mean_ = scope.buffer("mean", {config_.mel.bins}, init::zeros());
    scale_ = scope.buffer("scale", {config_.mel.bins}, init::ones());
  }
  reach_ = frames_reached();
}

int64_t HifiGan::frames_reached() const {
  double frames = static_cast<double>(conv_pre_.reach());
  double rate = 1;  // samples a frame
  for (const UpsamplingStage& stage : stages_) {
    frames += static_cast<double>(stage.input_reach()) / rate;
    rate *= static_cast<double>(stage.rate());
    frames += static_cast<double>(stage.output_reach()) / rate;
  }
  return static_cast<int64_t>(std::ceil(frames + static_cast<double>(conv_post_.reach()) / rate));
}

Tensor HifiGan::forward(const Tensor& mel) const {
  const at::NoGradGuard no_grad;
  const Tensor input = mean_.defined() ? (mel - mean_) / scale_ : mel;
  Tensor x = input.t().unsqueeze(0);
  x = conv_pre_.forward(x);
  for (const UpsamplingStage& stage : stages_) x = stage.forward(x);
  return at::tanh(conv_post_.forward(at::leaky_relu(x, kLastSlope))).flatten();
}

}  // namespace sure
