#include "nn/decoder_layer.h"

#include "nn/dropout.h"

namespace sure {

namespace {

Tensor adapt(const std::shared_ptr<ResidualAdapter>& adapter, const Tensor& y, const Pass& pass) {
  return adapter ? adapter->forward(y, pass) : y;
}

/// An adapter behind the feed-forward block stands behind its dropout, as in nn/encoder_layer.cpp.
Tensor transform(const FeedForward& feed_forward, const std::shared_ptr<ResidualAdapter>& adapter,
                 const LayerNorm& norm, double dropout, const Tensor& x, const Pass& pass) {
  const Tensor y = feed_forward.forward(x, pass);
  if (!adapter) return norm.forward_sum(x, y, dropout, pass.training).normed;
  return norm.forward_sum(x, adapter->forward(drop_out(y, dropout, pass.training), pass), 0, pass.training).normed;
}

}  // namespace

DecoderLayer::DecoderLayer(const Scope& scope, const EncoderLayerOptions& options)
    : self_attn_(scope / "self_attn", options.hidden_size, options.heads, options.attention_dropout),
      self_attn_layer_norm_(scope / "self_attn_layer_norm", options.hidden_size, options.layer_norm_eps),
      encoder_attn_(scope / "encoder_attn", options.hidden_size, options.heads, options.attention_dropout),
      encoder_attn_layer_norm_(scope / "encoder_attn_layer_norm", options.hidden_size, options.layer_norm_eps),
      feed_forward_(scope / "feed_forward", options),
      final_layer_norm_(scope / "final_layer_norm", options.hidden_size, options.layer_norm_eps),
      dropout_(options.hidden_dropout) {}

Tensor DecoderLayer::add(const LayerNorm& norm, const Tensor& x, const Tensor& y, const Pass& pass) const {
  return norm.forward_sum(x, y, dropout_, pass.training).normed;
}

Tensor DecoderLayer::forward(const Tensor& x, const Context& context, const Pass& pass) const {
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
  const Tensor said = adapt(after_attention_, self_attn_.forward(x, own, pass), pass);
  const Tensor h = add(self_attn_layer_norm_, x, said, pass);
  const Tensor heard = add(encoder_attn_layer_norm_, h, encoder_attn_.forward(h, other, pass), pass);
  return transform(feed_forward_, after_feed_forward_, final_layer_norm_, dropout_, heard, pass);
}

LayerSites DecoderLayer::sites() {
  LayerSites sites;
  sites.after_attention = &after_attention_;
  sites.after_feed_forward = &after_feed_forward_;
  sites.prefix = self_attn_.prefix_slot();
  self_attn_.add_sites(sites, "self_attn");
  encoder_attn_.add_sites(sites, "encoder_attn");
  feed_forward_.add_sites(sites);
  return sites;
}

void DecoderLayer::quantise() {
  self_attn_.quantise();
  encoder_attn_.quantise();
  feed_forward_.quantise();
}

RelativeEncoderLayer::RelativeEncoderLayer(const Scope& scope, const EncoderLayerOptions& options)
    : attention_(scope / "attention", options.hidden_size, options.heads, options.attention_dropout),
      layer_norm_(scope / "layer_norm", options.hidden_size, options.layer_norm_eps),
      feed_forward_(scope / "feed_forward", options),
      final_layer_norm_(scope / "final_layer_norm", options.hidden_size, options.layer_norm_eps),
      dropout_(options.hidden_dropout) {}

Tensor RelativeEncoderLayer::forward(const Tensor& x, const RelativeKeys& positions, const Pass& pass) const {
  MultiHeadAttention::Context context;
  context.mask = pass.frame_mask;
  context.positions = &positions;
  const Tensor attended = adapt(after_attention_, attention_.forward(x, context, pass), pass);
  const Tensor h = layer_norm_.forward_sum(x, attended, dropout_, pass.training).normed;
  return transform(feed_forward_, after_feed_forward_, final_layer_norm_, dropout_, h, pass);
}

LayerSites RelativeEncoderLayer::sites() {
  LayerSites sites;
  sites.after_attention = &after_attention_;
  sites.after_feed_forward = &after_feed_forward_;
  sites.prefix = attention_.prefix_slot();
  attention_.add_sites(sites, "attention");
  feed_forward_.add_sites(sites);
  return sites;
}

void RelativeEncoderLayer::quantise() {
  attention_.quantise();
  feed_forward_.quantise();
}

}  // namespace sure
