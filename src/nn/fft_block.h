// A feed-forward Transformer block of FastSpeech (Ren et al. 2019): self-attention and two convolutions over time, each
// followed by dropout, the residual and a norm.
#pragma once

#include "nn/attention.h"
#include "nn/frame_conv.h"
#include "nn/norm.h"

namespace sure {

struct FftBlockOptions {
  int64_t hidden_size = 256;
  int64_t heads = 2;
  int64_t inner_size = 1024;
  int64_t kernel = 9;  // of the first convolution, an odd number of frames; the second sees one
  double dropout = 0.2;
};

class FftBlock {
 public:
  FftBlock(const Scope& scope, const FftBlockOptions& options);

  /// [B, T, D] -> [B, T, D]. Frames outside context.frame_mask are zero before each convolution and behind the block,
  /// so that a clip does not depend on the padding behind it. An adapter has its site behind the second norm.
  Tensor forward(const Tensor& x, const ForwardContext& context) const;

  /// Linear::quantise of its linear layers.
  void quantise();

 private:
  SelfAttention attention_;
  LayerNorm layer_norm_;
  FrameConv inner_conv_;
  Linear output_dense_;
  LayerNorm final_layer_norm_;
  double dropout_;
  SiteId after_attention_;
  SiteId after_block_;
};

}  // namespace sure
