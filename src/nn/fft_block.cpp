#include "nn/fft_block.h"

#include <ATen/ops/relu.h>

#include "nn/encoder_layer.h"

namespace sure {

FftBlock::FftBlock(const Scope& scope, const FftBlockOptions& options)
    : attention_(scope / "attention", options.hidden_size, options.heads, /*dropout=*/0, /*relative=*/nullptr,
                 /*with_bias=*/false),
      layer_norm_(scope / "layer_norm", options.hidden_size),
      inner_conv_(scope / "feed_forward" / "inner_conv", options.hidden_size, options.inner_size, options.kernel),
      output_dense_(default_linear(scope / "feed_forward" / "output_dense", options.inner_size, options.hidden_size)),
      final_layer_norm_(scope / "final_layer_norm", options.hidden_size),
      dropout_(options.dropout),
      after_attention_(residual_site(scope / "attention", SiteKind::kAfterAttention, options.hidden_size)),
      after_block_(residual_site(scope / "feed_forward", SiteKind::kAfterFeedForward, options.hidden_size)) {}

Tensor FftBlock::forward(const Tensor& x, const ForwardContext& context) const {
  const Tensor attended = adapt(context, after_attention_, attention_.forward(x, context));
  const Tensor h =
      zero_outside(layer_norm_.forward_sum(x, attended, dropout_, context.training).normed, context.frame_mask);
  const Tensor y = output_dense_.forward(at::relu(inner_conv_.forward(h)), context);
  const Tensor normed = final_layer_norm_.forward_sum(h, y, dropout_, context.training).normed;
  return zero_outside(adapt(context, after_block_, normed), context.frame_mask);
}

void FftBlock::quantise() {
  attention_.quantise();
  output_dense_.quantise();
}

}  // namespace sure
