#include "nn/decoder_layer.h"

namespace sure {

namespace {

using Kind = MultiHeadAttention::Kind;

Tensor transform(const FeedForward& feed_forward, const LayerNorm& norm, const Tensor& x, const ForwardContext& pass) {
  const Addend transformed = feed_forward.forward(x, pass);
  return norm.forward_sum(x, transformed.value, transformed.rate, pass.training).normed;
}

}  // namespace

DecoderLayer::DecoderLayer(const Scope& scope, const EncoderLayerOptions& options)
    : self_attn_(scope / "self_attn", Kind::own, options.hidden_size, options.heads, options.attention_dropout),
      self_attn_layer_norm_(scope / "self_attn_layer_norm", options.hidden_size, options.layer_norm_eps),
      encoder_attn_(scope / "encoder_attn", Kind::other, options.hidden_size, options.heads, options.attention_dropout),
      encoder_attn_layer_norm_(scope / "encoder_attn_layer_norm", options.hidden_size, options.layer_norm_eps),
      feed_forward_(scope / "feed_forward", options),
      final_layer_norm_(scope / "final_layer_norm", options.hidden_size, options.layer_norm_eps),
      dropout_(options.hidden_dropout),
      after_attention_(residual_site(scope / "self_attn", SiteKind::kAfterAttention, options.hidden_size)) {}

Tensor DecoderLayer::add(const LayerNorm& norm, const Tensor& x, const Tensor& y, const ForwardContext& pass) const {
  return norm.forward_sum(x, y, dropout_, pass.training).normed;
}

Tensor DecoderLayer::forward(const Tensor& x, const Context& context, const ForwardContext& pass) const {
  MultiHeadAttention::Context own;
  own.causal = true;
  own.mask = pass.frame_mask;
  MultiHeadAttention::Context other;
  other.states = context.states;
  other.mask = context.mask;
  other.weights = context.weights;
  if (context.cache != nullptr) {
    own.cache = &context.cache->own;
    other.cache = &context.cache->other;
  }
  const Tensor said = adapt(pass, after_attention_, self_attn_.forward(x, own, pass));
  const Tensor h = add(self_attn_layer_norm_, x, said, pass);
  const Tensor heard = add(encoder_attn_layer_norm_, h, encoder_attn_.forward(h, other, pass), pass);
  return transform(feed_forward_, final_layer_norm_, heard, pass);
}

void DecoderLayer::quantise() {
  self_attn_.quantise();
  encoder_attn_.quantise();
  feed_forward_.quantise();
}

RelativeEncoderLayer::RelativeEncoderLayer(const Scope& scope, const EncoderLayerOptions& options)
    : attention_(scope / "attention", Kind::own, options.hidden_size, options.heads, options.attention_dropout),
      layer_norm_(scope / "layer_norm", options.hidden_size, options.layer_norm_eps),
      feed_forward_(scope / "feed_forward", options),
      final_layer_norm_(scope / "final_layer_norm", options.hidden_size, options.layer_norm_eps),
      dropout_(options.hidden_dropout),
      after_attention_(residual_site(scope / "attention", SiteKind::kAfterAttention, options.hidden_size)) {}

Tensor RelativeEncoderLayer::forward(const Tensor& x, const RelativeKeys& positions, const ForwardContext& pass) const {
  MultiHeadAttention::Context context;
  context.mask = pass.frame_mask;
  context.positions = &positions;
  const Tensor attended = adapt(pass, after_attention_, attention_.forward(x, context, pass));
  const Tensor h = layer_norm_.forward_sum(x, attended, dropout_, pass.training).normed;
  return transform(feed_forward_, final_layer_norm_, h, pass);
}

void RelativeEncoderLayer::quantise() {
  attention_.quantise();
  feed_forward_.quantise();
}

}  // namespace sure
