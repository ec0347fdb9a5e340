#include "nn/relative_positions.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/where.h>

#include <cmath>

namespace sure {

namespace {

/// In the order of transformers' operations: a rounding apart would be another bucket.
Tensor buckets_by_distance(const RelativePositionOptions& o) {
  const Tensor distance = at::arange(-o.max_distance, o.max_distance + 1, at::kLong);
  const int64_t half = o.buckets / 2, exact = half / 2;
  const Tensor size = distance.abs();
  const double span = std::log(static_cast<double>(o.max_distance) / static_cast<double>(exact));
  const Tensor wide =
      ((size.to(at::kFloat) / static_cast<double>(exact)).log() / span * static_cast<double>(half - exact) +
       static_cast<double>(exact))
          .clamp(0, static_cast<double>(half - 1))
          .to(at::kLong);
  return distance.gt(0).to(at::kLong) * half + at::where(size.lt(exact), size, wide);
}

}  // namespace

RelativePositions::RelativePositions(const Scope& scope, const RelativePositionOptions& options)
    : weight_(scope.parameter("weight", {options.buckets, options.heads}, init::normal(1))),
      bucket_of_(buckets_by_distance(options)) {}

Tensor RelativePositions::table(int64_t frames) const {
  const int64_t farthest = bucket_of_.size(0) / 2;
  const Tensor distance = at::arange(1 - frames, frames, at::kLong).clamp(-farthest, farthest) + farthest;
  const Tensor buckets = bucket_of_.index_select(0, distance).to(weight_.device());
  return weight_.index_select(0, buckets).transpose(0, 1).to(at::kFloat).contiguous();
}

PositionGate::PositionGate(const Scope& attention, int64_t heads, int64_t width)
    : constant_(attention.parameter("gru_rel_pos_const", {1, heads, 1, 1}, init::ones())) {
  const Scope linear = attention / "gru_rel_pos_linear";
  weight_ = linear.parameter("weight", {8, width}, init::uniform(1 / std::sqrt(static_cast<double>(width))));
  bias_ = linear.parameter("bias", {8}, init::zeros());
}

Tensor PositionGate::forward(const Tensor& x) const {
  const int64_t heads = constant_.size(1);
  // Four outputs are summed into each of two gates: the sum of their weights does the same in one product.
  const Tensor weight = weight_.view({2, 4, -1}).sum(1).to(x.scalar_type());
  const Tensor bias = bias_.view({2, 4}).sum(1).to(x.scalar_type());
  const Tensor gates =
      at::linear(x.view({x.size(0), x.size(1), heads, -1}), weight, bias).to(at::kFloat).sigmoid();  // [B, T, H, 2]
  const Tensor constant = constant_.to(at::kFloat).view({heads});
  const Tensor gate = gates.select(3, 0) * (gates.select(3, 1) * constant - 1) + 2;
  return gate.transpose(1, 2);
}

}  // namespace sure
