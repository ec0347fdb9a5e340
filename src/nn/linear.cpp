#include "nn/linear.h"

#include <ATen/ops/linear.h>

#include <cmath>

#include "fused/memory.h"
#include "fused/quantise.h"

namespace sure {

Linear::Linear(const Scope& scope, int64_t in, int64_t out, const Init& weight_init, bool with_bias)
    : weight_(scope.parameter("weight", {out, in}, weight_init)) {
  if (with_bias) bias_ = scope.parameter("bias", {out}, init::zeros());
}

std::optional<fused::LinearLayer> Linear::fusable_with(const Tensor& x, const fused::LowRankUpdate& update) const {
  const fused::LinearLayer layer = {weight_, bias_, update, scales_};
  const bool fits = fused::can_fuse(x) && fused::can_fuse(layer, x.scalar_type());
  return fits ? std::optional(layer) : std::nullopt;
}

std::optional<fused::LinearLayer> Linear::fusable(const Tensor& x) const {
  if (!adapter_) return fusable_with(x, {});
  const std::optional<fused::LowRankUpdate> update = adapter_->low_rank();
  return update ? fusable_with(x, *update) : std::nullopt;
}

void Linear::quantise() {
  if (weight_.requires_grad()) return;
  const fused::Quantised quantised = fused::quantise_weight(weight_);
  weight_.set_data(quantised.values);
  scales_ = quantised.scales;
}

Tensor Linear::weight_as(at::ScalarType type) const {
  return scales_.defined() ? fused::dequantise(weight_, scales_, type) : weight_.to(type);
}

/// Without the adapter.
Tensor Linear::forward_alone(const Tensor& x) const {
  if (const auto layer = fusable_with(x, {})) return fused::linears(x, {*layer})[0];
  const auto dtype = x.scalar_type();
  return at::linear(x, weight_as(dtype), bias_.defined() ? bias_.to(dtype) : bias_);
}

Tensor Linear::forward(const Tensor& x) const {
  if (!adapter_) return forward_alone(x);
  if (const auto layer = fusable(x)) return fused::linears(x, {*layer})[0];
  return adapter_->adapt_output(x, forward_alone(adapter_->adapt_input(x)));
}

Linear default_linear(const Scope& scope, int64_t in, int64_t out) {
  return Linear(scope, in, out, init::uniform(1 / std::sqrt(static_cast<double>(in))));
}

ProjectionSite Linear::site() { return {weight_.size(1), weight_.size(0), &adapter_}; }

}  // namespace sure
