#include "fused/convolution.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "fused/memory.h"

namespace sure::fused {

namespace {

int64_t frames_of(int64_t length, int64_t kernel, int64_t stride) { return (length - kernel) / stride + 1; }

Tensor floats(const Tensor& x) { return x.to(at::kFloat).contiguous(); }

Tensor run_first(const Tensor& audio, const Tensor& weights, const Tensor& biases, int64_t stride, bool gelu,
                 at::ScalarType type) {
  const int64_t clips = audio.size(0), kernel = weights.size(1), channels = weights.size(2);
  const int64_t frames = frames_of(audio.size(1), kernel, stride);
  const Tensor out = at::empty({clips, frames, channels}, type);
  kernels::FirstConv op = {clips, audio.size(1), frames, channels, kernel, stride};
  op.audio = floats_of(audio);
  op.weights = floats_of(weights);
  op.biases = floats_of(biases);
  op.gelu = gelu;
  op.out = mutable_data_of(out);
  kernels_for(type).first_conv(op);
  return out;
}

WindowMoments moments_of(const Tensor& clip, int64_t kernel, int64_t stride, int64_t frames) {
  const Tensor windows = clip.unfold(0, kernel, stride).narrow(0, 0, frames).to(at::kDouble);  // [T, K]
  const Tensor mean = windows.mean(0);
  const Tensor covariance = at::matmul(windows.t(), windows) / static_cast<double>(frames);
  return {mean, covariance - at::matmul(mean.unsqueeze(1), mean.unsqueeze(0))};
}

}  // namespace

Tensor taps_first(const Tensor& weight, at::ScalarType type) {
  return weight.detach().permute({0, 2, 1}).reshape({weight.size(0), -1}).to(type).contiguous();
}

Tensor conv(const Tensor& x, const Tensor& taps, const Tensor& bias, int64_t stride, bool gelu) {
  const Tensor rows = x.contiguous();
  const int64_t clips = x.size(0), length = x.size(1), channels = x.size(2), out_channels = taps.size(0);
  const int64_t frames = frames_of(length, taps.size(1) / channels, stride);
  const Tensor y = at::empty({clips, frames, out_channels}, x.options());
  const Tensor shift = bias.defined() ? floats(bias) : bias;
  const kernels::Product product = {data_of(rows), stride * channels, data_of(taps), taps.size(1), taps.size(1), true};
  const kernels::SumOfProducts sum = {frames, out_channels, &product, 1, clips, length * channels};
  const kernels::Target target = {mutable_data_of(y), out_channels, frames * out_channels};
  const kernels::Kernels& k = kernels_for(x);
  if (gelu) {
    k.multiply_gelu(sum, floats_of(shift), {}, target, nullptr);
  } else {
    k.multiply_bias(sum, floats_of(shift), target);
  }
  return y;
}

Tensor positional_conv(const Tensor& x, const Tensor& taps, const Tensor& bias) {
  const int64_t clips = x.size(0), length = x.size(1), groups = taps.size(0), width = taps.size(1);
  const int64_t kernel = taps.size(2) / width, padded = length + kernel - 1;
  const Tensor wide = at::constant_pad_nd(x, {0, 0, kernel / 2, kernel - 1 - kernel / 2});
  const Tensor grouped = wide.view({clips, padded, groups, width}).permute({2, 0, 1, 3}).contiguous();
  const Tensor y = at::empty_like(x, at::MemoryFormat::Contiguous), shift = floats(bias);
  for (int64_t group = 0; group < groups; ++group) {
    const int64_t column = group * width;
    const Tensor inputs = grouped[group], weights = taps[group], outputs = y.narrow(2, column, width);
    const kernels::Product product = {data_of(inputs), width, data_of(weights), taps.size(2), taps.size(2), true};
    const kernels::SumOfProducts sum = {length, width, &product, 1, clips, padded * width};
    const kernels::Target target = {mutable_data_of(outputs), x.size(2), length * x.size(2)};
    kernels_for(x).multiply_gelu(sum, floats_of(shift) + column, {}, target, nullptr);
  }
  return y;
}

Tensor first_conv(const Tensor& audio, const Tensor& weight, const Tensor& bias, int64_t stride, at::ScalarType type) {
  const int64_t clips = audio.size(0), channels = weight.size(0);
  const Tensor weights = floats(weight.squeeze(1).t().unsqueeze(0).expand({clips, -1, -1}));
  const Tensor biases = bias.defined() ? floats(bias.unsqueeze(0).expand({clips, -1})) : at::zeros({clips, channels});
  return run_first(audio.contiguous(), weights, biases, stride, false, type);
}

FoldedNorm fold_norm(const WindowMoments& seen, const Tensor& weight, const Tensor& norm_weight,
                     const Tensor& norm_bias, double eps) {
  const Tensor w = weight.squeeze(1).to(at::kDouble);                                // [C, K]
  const Tensor variance = (at::matmul(w, seen.covariance) * w).sum(1).clamp_min(0);  // [C]
  // Doubles hold what overflows elsewhere, and is NaN there.
  const Tensor overflow = variance.to(at::kFloat).to(at::kDouble) * 0;
  const Tensor scale = norm_weight.to(at::kDouble) * (variance + eps).rsqrt() + overflow;
  return {w * scale.unsqueeze(1), norm_bias.to(at::kDouble) - at::matmul(w, seen.mean) * scale};
}

Tensor first_conv_normed(const Tensor& audio, const Tensor& weight, int64_t stride, const Tensor& norm_weight,
                         const Tensor& norm_bias, double eps, const Tensor& frames, const WindowMoments* whole,
                         at::ScalarType type) {
  const int64_t clips = audio.size(0), channels = weight.size(0), kernel = weight.size(2);
  const Tensor weights = at::empty({clips, kernel, channels}, at::kFloat),
               biases = at::empty({clips, channels}, at::kFloat);
  for (int64_t clip = 0; clip < clips; ++clip) {
    const int64_t all = frames_of(audio.size(1), kernel, stride);
    const int64_t counted = frames.defined() ? std::min(frames[clip].item<int64_t>(), all) : all;
    const WindowMoments seen = whole != nullptr ? *whole : moments_of(audio[clip], kernel, stride, counted);
    const FoldedNorm folded = fold_norm(seen, weight, norm_weight, norm_bias, eps);
    weights[clip].copy_(folded.weight.t());
    biases[clip].copy_(folded.bias);
  }
  return run_first(audio.contiguous(), weights, biases, stride, true, type);
}

Tensor norm_gelu(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  const Tensor rows = x.contiguous(), y = at::empty_like(rows), scale = floats(weight), shift = floats(bias);
  kernels::AddNorm op = {x.numel() / x.size(-1), x.size(-1), data_of(rows)};
  op.weight = floats_of(scale);
  op.bias = floats_of(shift);
  op.eps = static_cast<float>(eps);
  op.normed = mutable_data_of(y);
  op.gelu = true;
  kernels_for(rows).add_norm(op);
  return y;
}

}  // namespace sure::fused
