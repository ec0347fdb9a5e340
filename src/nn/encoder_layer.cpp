#include "nn/encoder_layer.h"

#include <ATen/ops/relu.h>

#include "nn/dropout.h"

namespace sure {

FeedForward::FeedForward(const Scope& scope, const EncoderLayerOptions& options)
    : intermediate_dense_(default_linear(scope / "intermediate_dense", options.hidden_size, options.intermediate_size)),
      output_dense_(default_linear(scope / "output_dense", options.intermediate_size, options.hidden_size)),
      activation_(find_activation(options.activation)),
      activation_dropout_(options.activation_dropout) {}

Tensor FeedForward::forward(const Tensor& x, const Pass& pass) const {
  const auto inner = intermediate_dense_.fusable(x), outer = output_dense_.fusable(x);
  if (inner && outer && is_gelu(activation_)) {
    return fused::feed_forward(x, *inner, *outer, activation_dropout_, pass.training);
  }
  return output_dense_.forward(
      drop_out(activation_(intermediate_dense_.forward(x)), activation_dropout_, pass.training));
}

void FeedForward::add_sites(LayerSites& sites) {
  sites.projections["feed_forward.intermediate_dense"] = intermediate_dense_.site();
  sites.projections["feed_forward.output_dense"] = output_dense_.site();
}

void FeedForward::quantise() {
  intermediate_dense_.quantise();
  output_dense_.quantise();
}

AttentionAdapter::AttentionAdapter(const Scope& scope, int64_t size, int64_t inner)
    : norm_(scope / "norm", size),
      linear_1_(default_linear(scope / "linear_1", size, inner)),
      linear_2_(default_linear(scope / "linear_2", inner, size)) {}

Tensor AttentionAdapter::forward(const Tensor& x) const {
  return linear_2_.forward(at::relu(linear_1_.forward(norm_.forward(x))));
}

void AttentionAdapter::add_sites(LayerSites& sites) {
  sites.projections["adapter_layer.linear_1"] = linear_1_.site();
  sites.projections["adapter_layer.linear_2"] = linear_2_.site();
}

EncoderLayer::EncoderLayer(const Scope& scope, const EncoderLayerOptions& options)
    : attention_(scope / "attention", options.hidden_size, options.heads, options.attention_dropout,
                 options.relative_positions),
      layer_norm_(scope / "layer_norm", options.hidden_size, options.layer_norm_eps),
      feed_forward_(scope / "feed_forward", options),
      final_layer_norm_(scope / "final_layer_norm", options.hidden_size, options.layer_norm_eps),
      pre_norm_(options.pre_norm),
      dropout_(options.hidden_dropout) {
  if (options.attention_adapter_size > 0) {
    adapter_layer_.emplace(scope / "adapter_layer", options.hidden_size, options.attention_adapter_size);
  }
}

EncoderLayer::Addend EncoderLayer::attend(const Tensor& x, const Pass& pass) const {
  const Tensor y = attention_.forward(x, pass);
  return {after_attention_ ? after_attention_->forward(y, pass) : y, dropout_};
}

EncoderLayer::Addend EncoderLayer::transform(const Tensor& x, const Pass& pass) const {
  const Tensor y = feed_forward_.forward(x, pass);
  if (!after_feed_forward_) return {y, dropout_};
  return {after_feed_forward_->forward(drop_out(y, dropout_, pass.training), pass), 0};
}

Tensor EncoderLayer::forward(const Tensor& x, const Pass& pass) const {
  if (!pre_norm_) {
    const Addend attended = attend(x, pass);
    const Tensor h = layer_norm_.forward_sum(x, attended.value, attended.rate, pass.training).normed;
    const Addend transformed = transform(h, pass);
    return final_layer_norm_.forward_sum(h, transformed.value, transformed.rate, pass.training).normed;
  }
  const Addend attended = attend(layer_norm_.forward(x), pass);
  const LayerNorm::Sum h = final_layer_norm_.forward_sum(x, attended.value, attended.rate, pass.training);
  const Addend transformed = transform(h.normed, pass);
  const Tensor y = h.sum + drop_out(transformed.value, transformed.rate, pass.training);
  return adapter_layer_ ? y + adapter_layer_->forward(y) : y;
}

void EncoderLayer::quantise() {
  attention_.quantise();
  feed_forward_.quantise();
}

LayerSites EncoderLayer::sites() {
  LayerSites sites;
  sites.after_attention = &after_attention_;
  sites.after_feed_forward = &after_feed_forward_;
  attention_.add_sites(sites);
  feed_forward_.add_sites(sites);
  if (adapter_layer_) adapter_layer_->add_sites(sites);
  return sites;
}

}  // namespace sure
