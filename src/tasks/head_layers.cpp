#include "tasks/head_layers.h"

#include <ATen/ops/linear.h>

#include <cmath>

namespace sure {

TorchLinear::TorchLinear(int64_t in, int64_t out, const Scope& scope)
    : weight(scope.parameter("weight", {out, in}, init::kaiming_uniform(std::sqrt(5.0)))),
      bias(scope.parameter("bias", {out}, init::uniform(1 / std::sqrt(static_cast<double>(in))))) {}

Tensor TorchLinear::operator()(const Tensor& x) const { return at::linear(x, weight, bias); }

LayerMix::LayerMix(const HeadOptions& options, const BackboneConfig& config, const Scope& scope)
    : final_norm_(options.final_norm_in_layer_sum) {
  if (!options.use_weighted_layer_sum) return;
  const int64_t states = config.num_hidden_layers + 1;
  weights_ = scope.parameter("layer_weights", {states}, init::constant(1.0 / static_cast<double>(states)));
}

Tensor LayerMix::operator()(const HiddenStates& states) const {
  if (!weights_.defined()) return states.layers.back().to(at::kFloat);
  const std::vector<Tensor> weights = weights_.softmax(-1).unbind();
  std::vector<Tensor> layers = states.layers;
  if (!final_norm_) layers.back() = states.without_norm;
  Tensor sum = layers.front().to(at::kFloat) * weights.front();
  for (size_t i = 1; i < layers.size(); ++i) sum = sum + layers[i].to(at::kFloat) * weights.at(i);
  return sum;
}

int64_t projector_size(const HeadOptions& options, const BackboneConfig& config) {
  return options.classifier_proj_size > 0 ? options.classifier_proj_size : config.classifier_proj_size;
}

}  // namespace sure
