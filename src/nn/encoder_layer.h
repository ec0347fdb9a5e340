// One transformer layer of wav2vec 2.0 and HuBERT, norms before ("stable") or after its two blocks.
#pragma once

#include <memory>
#include <optional>

#include "nn/activation.h"
#include "nn/attention.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/relative_positions.h"

namespace sure {

struct EncoderLayerOptions {
  int64_t hidden_size = 768;
  int64_t heads = 12;
  int64_t intermediate_size = 3072;
  std::string activation = "gelu";
  double layer_norm_eps = 1e-5;
  bool pre_norm = false;
  double hidden_dropout = 0;
  double attention_dropout = 0;
  double activation_dropout = 0;
  std::shared_ptr<const RelativePositions> relative_positions;  // null: attention does not heed distances
  int64_t attention_adapter_size = 0;  // > 0: MMS's adapter behind the layer (Pratap et al. 2023)
};

/// What a block adds to its input, after dropout at `rate`.
struct Addend {
  Tensor value;
  double rate;
};

/// Registers the site of an adapter behind a block, in the block's scope.
SiteId residual_site(const Scope& block, SiteKind kind, int64_t size);

/// Linear -> activation -> dropout -> Linear, and an adapter's site: [B, T, D] -> [B, T, D].
class FeedForward {
 public:
  FeedForward(const Scope& scope, const EncoderLayerOptions& options);
  /// An adapter stands behind the block's dropout, which is then none of the addend's.
  Addend forward(const Tensor& x, const ForwardContext& context) const;
  void quantise();

 private:
  Tensor transform(const Tensor& x, const ForwardContext& context) const;

  Linear intermediate_dense_;
  Linear output_dense_;
  Activation activation_;
  double activation_dropout_;
  double dropout_;
  SiteId site_;
};

/// Norm -> Linear -> ReLU -> Linear, added by the layer; part of MMS checkpoints.
class AttentionAdapter {
 public:
  AttentionAdapter(const Scope& scope, int64_t size, int64_t inner);
  Tensor forward(const Tensor& x, const ForwardContext& context) const;

 private:
  LayerNorm norm_;
  Linear linear_1_;
  Linear linear_2_;
};

class EncoderLayer {
 public:
  EncoderLayer(const Scope& scope, const EncoderLayerOptions& options);

  /// [B, T, D] -> [B, T, D].
  Tensor forward(const Tensor& x, const ForwardContext& context) const;

  /// Linear::quantise of the six layers that have a site.
  void quantise();

 private:
  /// Self-attention and its adapter.
  Tensor attend(const Tensor& x, const ForwardContext& context) const;

  SelfAttention attention_;
  LayerNorm layer_norm_;
  FeedForward feed_forward_;
  LayerNorm final_layer_norm_;
  std::optional<AttentionAdapter> adapter_layer_;
  bool pre_norm_;
  double dropout_;
  SiteId after_attention_;
};

}  // namespace sure
