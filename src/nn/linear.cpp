#include "nn/linear.h"

#include <cmath>

#include "fused/quantise.h"

namespace sure {

namespace {

/// Through each row's own adapter, in front of the layer.
Tensor adapt_input(const ForwardContext& context, SiteId site, const Tensor& x) {
  return by_group(context, {x}, [&](const AdapterSet& set, const ForwardContext&, const auto& rows) {
    const ProjectionAdapter* adapter = set.projection(site);
    return adapter == nullptr ? rows[0] : adapter->adapt_input(rows[0]);
  });
}

/// The same behind it.
Tensor adapt_output(const ForwardContext& context, SiteId site, const Tensor& x, const Tensor& y) {
  return by_group(context, {x, y}, [&](const AdapterSet& set, const ForwardContext&, const auto& rows) {
    const ProjectionAdapter* adapter = set.projection(site);
    return adapter == nullptr ? rows[1] : adapter->adapt_output(rows[0], rows[1]);
  });
}

}  // namespace

Linear::Linear(const Scope& scope, int64_t in, int64_t out, const Init& weight_init, bool with_bias)
    : weight_(scope.parameter("weight", {out, in}, weight_init)), site_(scope.site(SiteKind::kProjection, in, out)) {
  if (with_bias) bias_ = scope.parameter("bias", {out}, init::zeros());
}

std::optional<fused::LinearLayer> Linear::with_updates(const ForwardContext& context) const {
  const std::optional<fused::LowRankUpdate> update = low_rank_update(context, site_);
  return update ? std::optional(fused::LinearLayer{weight_, bias_, *update, scales_}) : std::nullopt;
}

Tensor Linear::forward(const Tensor& x, const ForwardContext& context) const {
  if (const auto layer = with_updates(context)) return fused::linears(x, {*layer})[0];
  const fused::LinearLayer alone = {weight_, bias_, {}, scales_};
  const Tensor y = fused::linears(adapt_input(context, site_, x), {alone})[0];
  return adapt_output(context, site_, x, y);
}

void Linear::quantise() {
  if (weight_.requires_grad()) return;
  const fused::Quantised quantised = fused::quantise_weight(weight_);
  weight_.set_data(quantised.values);
  scales_ = quantised.scales;
}

std::vector<Tensor> forward_all(const std::vector<const Linear*>& layers, const Tensor& x,
                                const ForwardContext& context) {
  std::vector<fused::LinearLayer> fusable;
  std::vector<Tensor> outputs;
  for (const Linear* layer : layers) {
    if (const auto with_updates = layer->with_updates(context)) fusable.push_back(*with_updates);
  }
  if (fusable.size() == layers.size()) return fused::linears(x, fusable);
  for (const Linear* layer : layers) outputs.push_back(layer->forward(x, context));
  return outputs;
}

Linear default_linear(const Scope& scope, int64_t in, int64_t out, bool with_bias) {
  return Linear(scope, in, out, init::uniform(1 / std::sqrt(static_cast<double>(in))), with_bias);
}

}  // namespace sure
