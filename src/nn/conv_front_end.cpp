#include "nn/conv_front_end.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/div.h>

namespace sure {

namespace {

int64_t one_conv_frames(int64_t samples, int64_t kernel, int64_t stride) {
  return samples < kernel ? 0 : (samples - kernel) / stride + 1;
}

Tensor one_conv_lengths(const Tensor& lengths, int64_t kernel, int64_t stride) {
  if (!lengths.defined()) return lengths;
  return (at::div(lengths - kernel, stride, "floor") + 1).clamp_min(0);
}

}  // namespace

int64_t conv_frames(int64_t samples, const std::vector<int64_t>& kernels, const std::vector<int64_t>& strides) {
  for (size_t i = 0; i < kernels.size(); ++i) samples = one_conv_frames(samples, kernels[i], strides[i]);
  return samples;
}

Tensor mask_of_lengths(const Tensor& lengths, int64_t frames, const Tensor& like) {
  if (!lengths.defined()) return {};
  const auto options = at::TensorOptions(at::kLong).device(like.device());
  return at::arange(frames, options).unsqueeze(0) < lengths.to(like.device()).unsqueeze(1);
}

ConvFrontEnd::ConvFrontEnd(const Scope& scope, const ConvFrontEndOptions& options)
    : activation_(find_activation(options.activation)) {
  for (size_t i = 0; i < options.channels.size(); ++i) {
    const Scope layer_scope = scope / "conv_layers" / static_cast<int64_t>(i);
    const int64_t in = i == 0 ? 1 : options.channels[i - 1];
    const int64_t out = options.channels[i];
    Layer layer;
    layer.weight = (layer_scope / "conv").parameter("weight", {out, in, options.kernels[i]}, init::kaiming_normal());
    if (options.bias) layer.bias = (layer_scope / "conv").parameter("bias", {out}, init::zeros());
    layer.stride = options.strides[i];
    if (options.layer_norms) {
      layer.layer_norm.emplace(layer_scope / "layer_norm", out);
    } else if (i == 0) {
      layer.channel_norm.emplace(layer_scope / "layer_norm", out);
    }
    layers_.push_back(std::move(layer));
  }
}

Tensor ConvFrontEnd::run(const Layer& layer, const Tensor& x, const Tensor& lengths, bool exact_norm,
                         const Pass& pass) const {
  const auto dtype = x.scalar_type();
  Tensor y =
      at::conv1d(x, layer.weight.to(dtype), layer.bias.defined() ? layer.bias.to(dtype) : layer.bias, layer.stride);
  if (layer.layer_norm) y = layer.layer_norm->forward(y.transpose(1, 2)).transpose(1, 2);
  if (layer.channel_norm) {
    y = layer.channel_norm->forward(y, exact_norm ? mask_of_lengths(lengths, y.size(2), y) : Tensor());
  }
  y = activation_(y);
  if (!layer.adapter) return y;
  const Pass local{pass.training, mask_of_lengths(lengths, y.size(2), y)};
  return layer.adapter->forward(y.transpose(1, 2), local).transpose(1, 2);
}

Tensor ConvFrontEnd::forward(const Tensor& audio, const Tensor& lengths, bool exact_norm, const Pass& pass) const {
  Tensor x = audio.unsqueeze(1);  // [B, C, T] from here on
  Tensor valid = lengths;
  for (const Layer& layer : layers_) {
    valid = one_conv_lengths(valid, layer.weight.size(2), layer.stride);
    x = run(layer, x, valid, exact_norm, pass);
  }
  return x.transpose(1, 2);
}

std::vector<FrontEndSite> ConvFrontEnd::sites() {
  std::vector<FrontEndSite> sites;
  for (Layer& layer : layers_) sites.push_back({layer.weight.size(0), &layer.adapter});
  return sites;
}

}  // namespace sure
