// Transformer layers of encoder-decoder models, norms after the blocks (Vaswani et al. 2017): a decoder's, which
// attends to what was said so far and to another sequence, and an encoder's with relative positions.
#pragma once

#include "nn/adapter_set.h"
#include "nn/encoder_layer.h"
#include "nn/multi_head_attention.h"
#include "nn/norm.h"

namespace sure {

/// What one decoder layer keeps from step to step.
struct DecoderCache {
  AttentionCache own;
  AttentionCache other;
};

/// self_attn, encoder_attn and feed_forward, each followed by dropout, the residual and a norm.
class DecoderLayer {
 public:
  /// Of the options, those of MMS and of norms before the blocks are not heeded.
  DecoderLayer(const Scope& scope, const EncoderLayerOptions& options);

  struct Context {
    Tensor states;                  // of the encoder, [B, S, D]
    Tensor mask;                    // bool [B, S], true = real; undefined: all are
    DecoderCache* cache = nullptr;  // for one step after the other
    Tensor* weights = nullptr;      // receives the cross-attention's, [B, heads, T, S]
  };

  /// [B, T, D] -> [B, T, D]; no step sees a later one.
  Tensor forward(const Tensor& x, const Context& context, const ForwardContext& pass) const;

  void quantise();

 private:
  Tensor add(const LayerNorm& norm, const Tensor& x, const Tensor& y, const ForwardContext& pass) const;

  MultiHeadAttention self_attn_;
  LayerNorm self_attn_layer_norm_;
  MultiHeadAttention encoder_attn_;
  LayerNorm encoder_attn_layer_norm_;
  FeedForward feed_forward_;
  LayerNorm final_layer_norm_;
  double dropout_;
  SiteId after_attention_;
};

/// attention and feed_forward, each followed by dropout, the residual and a norm.
class RelativeEncoderLayer {
 public:
  RelativeEncoderLayer(const Scope& scope, const EncoderLayerOptions& options);

  /// [B, T, D] -> [B, T, D]; steps outside pass.frame_mask are not attended to.
  Tensor forward(const Tensor& x, const RelativeKeys& positions, const ForwardContext& pass) const;

  void quantise();

 private:
  MultiHeadAttention attention_;
  LayerNorm layer_norm_;
  FeedForward feed_forward_;
  LayerNorm final_layer_norm_;
  double dropout_;
  SiteId after_attention_;
};

}  // namespace sure
