#include "nn/positional_conv.h"

#include <ATen/ops/_weight_norm.h>
#include <ATen/ops/batch_norm.h>

#include <cmath>

#include "fused/convolution.h"
#include "fused/memory.h"
#include "nn/conv1d.h"

namespace sure {

namespace {

constexpr double kBatchNormEps = 1e-5;

}  // namespace

PositionalConv::PositionalConv(const Scope& scope, const PositionalConvOptions& options)
    : groups_(options.groups), activation_(find_activation(options.activation)) {
  const Scope conv = scope / "conv";
  const int64_t in = options.size / options.groups;
  const double std = 2 * std::sqrt(1.0 / static_cast<double>(options.kernel * options.size));
  bias_ = conv.parameter("bias", {options.size}, init::zeros());
  if (!options.batch_norm) {
    const double norm = std * std::sqrt(static_cast<double>(options.size * in));
    weight_g_ = conv.parameter("weight_g", {1, 1, options.kernel}, init::constant(norm));
    weight_v_ = conv.parameter("weight_v", {options.size, in, options.kernel}, init::normal(std));
    return;
  }
  weight_v_ = conv.parameter("weight", {options.size, in, options.kernel}, init::normal(std));
  const Scope norm = scope / "batch_norm";
  norm_weight_ = norm.parameter("weight", {options.size}, init::ones());
  norm_bias_ = norm.parameter("bias", {options.size}, init::zeros());
  norm_mean_ = norm.buffer("running_mean", {options.size}, init::zeros());
  norm_variance_ = norm.buffer("running_var", {options.size}, init::ones());
}

/// The weight as the convolution takes it.
Tensor PositionalConv::fold(at::ScalarType dtype) const {
  if (!weight_g_.defined()) return weight_v_.to(dtype);
  return at::_weight_norm(weight_v_.to(at::kFloat), weight_g_.to(at::kFloat), 2).to(dtype);
}

Tensor PositionalConv::weight(at::ScalarType dtype) const {
  const bool trains = weight_v_.requires_grad() || (weight_g_.defined() && weight_g_.requires_grad());
  if (!weight_g_.defined() || trains) return fold(dtype);
  return folded_.get(dtype, weight_v_.device(), [&] { return fold(dtype); });
}

bool PositionalConv::fusable(const Tensor& x) const {
  const int64_t inputs = weight_v_.size(1) * weight_v_.size(2);
  return fused::can_fuse(x) && !x.requires_grad() && !weight_v_.requires_grad() && !bias_.requires_grad() &&
         !norm_weight_.defined() && is_gelu(activation_) && inputs % 2 == 0;
}

Tensor PositionalConv::forward(const Tensor& x, const Tensor& frame_mask) const {
  const auto dtype = x.scalar_type();
  if (fusable(x)) {
    const Tensor taps = taps_.get(dtype, x.device(), [&] {
      return fused::taps_first(fold(dtype), dtype).view({groups_, weight_v_.size(1), -1});
    });
    return fused::positional_conv(x, taps, bias_);
  }
  Tensor y = x.transpose(1, 2);  // [B, D, T]
  if (norm_weight_.defined()) {
    y = at::batch_norm(y, norm_weight_.to(dtype), norm_bias_.to(dtype), norm_mean_.to(dtype), norm_variance_.to(dtype),
                       /*training=*/false, /*momentum=*/0, kBatchNormEps, /*cudnn_enabled=*/false);
    if (frame_mask.defined()) y = y.masked_fill(frame_mask.logical_not().unsqueeze(1), 0);
  }
  const int64_t padding = weight_v_.size(2) / 2;
  y = conv1d(y, weight(dtype), bias_, /*stride=*/1, padding, groups_);
  return activation_(y.narrow(2, 0, x.size(1)).transpose(1, 2));
}

}  // namespace sure
