#include "nn/conv_front_end.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/div.h>

#include <algorithm>

#include "fused/memory.h"
#include "nn/conv1d.h"

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
    layer.site = (layer_scope / "adapter").site(SiteKind::kAfterConvolution, out, out);
    layers_.push_back(std::move(layer));
  }
}

/// The convolution and the group norm behind it, [B, C, T].
Tensor ConvFrontEnd::convolve_normed(const Layer& layer, const Tensor& x, const Tensor& mask,
                                     const fused::WindowMoments* whole) const {
  if (whole == nullptr) return layer.channel_norm->forward(conv1d(x, layer.weight, layer.bias, layer.stride), mask);
  const fused::FoldedNorm folded =
      fused::fold_norm({whole->mean.to(x.device()), whole->covariance.to(x.device())}, layer.weight,
                       layer.channel_norm->weight(), layer.channel_norm->bias(), ChannelNorm::kEps);
  const auto type = x.scalar_type();
  return conv1d(x, folded.weight.unsqueeze(1).to(type), folded.bias.to(type), layer.stride);
}

Tensor ConvFrontEnd::run(const Layer& layer, const Tensor& x, const Tensor& lengths, bool exact_norm,
                         const fused::WindowMoments* whole, const ForwardContext& context) const {
  Tensor y;
  if (layer.channel_norm) {
    const int64_t frames = one_conv_frames(x.size(2), layer.weight.size(2), layer.stride);
    y = convolve_normed(layer, x, exact_norm ? mask_of_lengths(lengths, frames, x) : Tensor(), whole);
  } else {
    y = conv1d(x, layer.weight, layer.bias, layer.stride);
  }
  if (layer.layer_norm) y = layer.layer_norm->forward(y.transpose(1, 2)).transpose(1, 2);
  y = activation_(y);
  if (!has_residual(context, layer.site)) return y;
  const ForwardContext local{context.training, mask_of_lengths(lengths, y.size(2), y), context.adapters};
  return adapt(local, layer.site, y.transpose(1, 2)).transpose(1, 2);
}

bool ConvFrontEnd::fusable(const Tensor& audio, at::ScalarType dtype, const ForwardContext& context) const {
  const auto is_frozen = [](const Tensor& x) { return !x.defined() || !x.requires_grad(); };
  const auto is_for_it = [&](const Layer& layer) {
    return !has_residual(context, layer.site) && is_frozen(layer.weight) && is_frozen(layer.bias) &&
           (layer.weight.size(1) == 1 || layer.weight.size(1) * layer.weight.size(2) % 2 == 0);
  };
  const Layer& first = layers_.front();
  return fused::can_fuse(dtype, audio.device()) && is_gelu(activation_) && (first.layer_norm || first.channel_norm) &&
         std::all_of(layers_.begin(), layers_.end(), is_for_it);
}

Tensor ConvFrontEnd::run_fused(const Tensor& audio, at::ScalarType dtype, const Tensor& lengths, bool exact_norm,
                               const fused::WindowMoments* whole) const {
  const Layer& first = layers_.front();
  Tensor x;
  if (first.channel_norm) {
    const Tensor frames = exact_norm ? one_conv_lengths(lengths, first.weight.size(2), first.stride) : Tensor();
    x = fused::first_conv_normed(audio, first.weight, first.stride, first.channel_norm->weight(),
                                 first.channel_norm->bias(), ChannelNorm::kEps, frames, whole, dtype);
  } else {
    x = fused::norm_gelu(fused::first_conv(audio, first.weight, first.bias, first.stride, dtype),
                         first.layer_norm->weight(), first.layer_norm->bias(), first.layer_norm->eps());
  }
  for (size_t i = 1; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const Tensor taps = layer.taps.get(dtype, x.device(), [&] { return fused::taps_first(layer.weight, dtype); });
    x = fused::conv(x, taps, layer.bias, layer.stride, /*gelu=*/!layer.layer_norm);
    if (layer.layer_norm) {
      x = fused::norm_gelu(x, layer.layer_norm->weight(), layer.layer_norm->bias(), layer.layer_norm->eps());
    }
  }
  return x;
}

Tensor ConvFrontEnd::forward(const Tensor& audio, at::ScalarType dtype, const Tensor& lengths, bool exact_norm,
                             const fused::WindowMoments* whole, const ForwardContext& context) const {
  if (fusable(audio, dtype, context)) return run_fused(audio, dtype, lengths, exact_norm, whole);
  Tensor x = audio.to(dtype).unsqueeze(1);  // [B, C, T] from here on
  Tensor valid = lengths;
  for (const Layer& layer : layers_) {
    valid = one_conv_lengths(valid, layer.weight.size(2), layer.stride);
    x = run(layer, x, valid, exact_norm, whole, context);
  }
  return x.transpose(1, 2);
}

}  // namespace sure
