#include "nn/encoder_layer.h"

#include <ATen/ops/relu.h>

namespace sure {

SiteId residual_site(const Scope& block, SiteKind kind, int64_t size) {
  return (block / "adapter").site(kind, size, size);
}

FeedForward::FeedForward(const Scope& scope, const EncoderLayerOptions& options)
    : intermediate_dense_(default_linear(scope / "intermediate_dense", options.hidden_size, options.intermediate_size)),
      output_dense_(default_linear(scope / "output_dense", options.intermediate_size, options.hidden_size)),
      activation_(find_activation(options.activation)),
      activation_dropout_(options.activation_dropout),
      dropout_(options.hidden_dropout),
      site_(residual_site(scope, SiteKind::kAfterFeedForward, options.hidden_size)) {}

Addend FeedForward::forward(const Tensor& x, const ForwardContext& context) const {
  const Tensor y = transform(x, context);
  if (!has_residual(context, site_)) return {y, dropout_};
  return {adapt(context, site_, fused::dropout(y, dropout_, context.training)), 0};
}

Tensor FeedForward::transform(const Tensor& x, const ForwardContext& context) const {
  const auto inner = intermediate_dense_.with_updates(context), outer = output_dense_.with_updates(context);
  if (inner && outer && is_gelu(activation_)) {
    return fused::feed_forward(x, *inner, *outer, activation_dropout_, context.training);
  }
  const Tensor hidden = activation_(intermediate_dense_.forward(x, context));
  return output_dense_.forward(fused::dropout(hidden, activation_dropout_, context.training), context);
}

void FeedForward::quantise() {
  intermediate_dense_.quantise();
  output_dense_.quantise();
}

AttentionAdapter::AttentionAdapter(const Scope& scope, int64_t size, int64_t inner)
    : norm_(scope / "norm", size),
      linear_1_(default_linear(scope / "linear_1", size, inner)),
      linear_2_(default_linear(scope / "linear_2", inner, size)) {}

Tensor AttentionAdapter::forward(const Tensor& x, const ForwardContext& context) const {
  return linear_2_.forward(at::relu(linear_1_.forward(norm_.forward(x), context)), context);
}

EncoderLayer::EncoderLayer(const Scope& scope, const EncoderLayerOptions& options)
    : attention_(scope / "attention", options.hidden_size, options.heads, options.attention_dropout,
                 options.relative_positions),
      layer_norm_(scope / "layer_norm", options.hidden_size, options.layer_norm_eps),
      feed_forward_(scope / "feed_forward", options),
      final_layer_norm_(scope / "final_layer_norm", options.hidden_size, options.layer_norm_eps),
      pre_norm_(options.pre_norm),
      dropout_(options.hidden_dropout),
      after_attention_(residual_site(scope / "attention", SiteKind::kAfterAttention, options.hidden_size)) {
  if (options.attention_adapter_size > 0) {
    adapter_layer_.emplace(scope / "adapter_layer", options.hidden_size, options.attention_adapter_size);
  }
}

Tensor EncoderLayer::attend(const Tensor& x, const ForwardContext& context) const {
  return adapt(context, after_attention_, attention_.forward(x, context));
}

Tensor EncoderLayer::forward(const Tensor& x, const ForwardContext& context) const {
  if (!pre_norm_) {
    const Tensor h = layer_norm_.forward_sum(x, attend(x, context), dropout_, context.training).normed;
    const Addend transformed = feed_forward_.forward(h, context);
    return final_layer_norm_.forward_sum(h, transformed.value, transformed.rate, context.training).normed;
  }
  const Tensor attended = attend(layer_norm_.forward(x), context);
  const fused::AddNormResult h = final_layer_norm_.forward_sum(x, attended, dropout_, context.training);
  const Addend transformed = feed_forward_.forward(h.normed, context);
  const Tensor y = h.sum + fused::dropout(transformed.value, transformed.rate, context.training);
  return adapter_layer_ ? y + adapter_layer_->forward(y, context) : y;
}

void EncoderLayer::quantise() {
  attention_.quantise();
  feed_forward_.quantise();
}

}  // namespace sure
