#include "nn/encoder_layer.h"

#include <ATen/ops/dropout.h>
#include <ATen/ops/relu.h>

namespace sure {

FeedForward::FeedForward(const Scope& scope, const EncoderLayerOptions& options)
    : intermediate_dense_(default_linear(scope / "intermediate_dense", options.hidden_size, options.intermediate_size)),
      output_dense_(default_linear(scope / "output_dense", options.intermediate_size, options.hidden_size)),
      activation_(find_activation(options.activation)),
      activation_dropout_(options.activation_dropout),
      output_dropout_(options.hidden_dropout) {}

Tensor FeedForward::forward(const Tensor& x, const Pass& pass) const {
  const Tensor inner = activation_(intermediate_dense_.forward(x));
  const Tensor y = output_dense_.forward(at::dropout(inner, activation_dropout_, pass.training));
  return at::dropout(y, output_dropout_, pass.training);
}

void FeedForward::add_sites(LayerSites& sites) {
  sites.projections["feed_forward.intermediate_dense"] = intermediate_dense_.site();
  sites.projections["feed_forward.output_dense"] = output_dense_.site();
}

AttentionAdapter::AttentionAdapter(const Scope& scope, int64_t size, int64_t inner)
    : norm_(scope / "norm", size),
      linear_1_(default_linear(scope / "linear_1", size, inner)),
      linear_2_(default_linear(scope / "linear_2", inner, size)) {}

Tensor AttentionAdapter::forward(const Tensor& x) const {
  return linear_2_.forward(at::relu(linear_1_.forward(norm_.forward(x))));
}

EncoderLayer::EncoderLayer(const Scope& scope, const EncoderLayerOptions& options)
    : attention_(scope / "attention", options.hidden_size, options.heads, options.attention_dropout),
      layer_norm_(scope / "layer_norm", options.hidden_size, options.layer_norm_eps),
      feed_forward_(scope / "feed_forward", options),
      final_layer_norm_(scope / "final_layer_norm", options.hidden_size, options.layer_norm_eps),
      pre_norm_(options.pre_norm),
      dropout_(options.hidden_dropout) {
  if (options.attention_adapter_size > 0) {
    adapter_layer_.emplace(scope / "adapter_layer", options.hidden_size, options.attention_adapter_size);
  }
}

Tensor EncoderLayer::attend(const Tensor& x, const Pass& pass) const {
  const Tensor y = attention_.forward(x, pass);
  return at::dropout(after_attention_ ? after_attention_->forward(y, pass) : y, dropout_, pass.training);
}

Tensor EncoderLayer::transform(const Tensor& x, const Pass& pass) const {
  const Tensor y = feed_forward_.forward(x, pass);
  return after_feed_forward_ ? after_feed_forward_->forward(y, pass) : y;
}

Tensor EncoderLayer::forward(const Tensor& x, const Pass& pass) const {
  if (!pre_norm_) {
    const Tensor h = layer_norm_.forward(x + attend(x, pass));
    return final_layer_norm_.forward(h + transform(h, pass));
  }
  const Tensor h = x + attend(layer_norm_.forward(x), pass);
  const Tensor y = h + transform(final_layer_norm_.forward(h), pass);
  return adapter_layer_ ? y + adapter_layer_->forward(y) : y;
}

LayerSites EncoderLayer::sites() {
  LayerSites sites;
  sites.after_attention = &after_attention_;
  sites.after_feed_forward = &after_feed_forward_;
  attention_.add_sites(sites);
  feed_forward_.add_sites(sites);
  return sites;
}

}  // namespace sure
