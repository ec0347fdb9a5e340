// Multi-head self-attention (Vaswani et al. 2017), with a site for extra keys and values, and perhaps a gated bias by
// the distance of frames (nn/relative_positions.h).
#pragma once

#include <memory>
#include <optional>

#include "nn/linear.h"
#include "nn/relative_positions.h"

namespace sure {

class SelfAttention {
 public:
  /// `relative`: shared by all layers, null for none; with it the layer builds a gate of its own.
  SelfAttention(const Scope& scope, int64_t size, int64_t heads, double dropout,
                std::shared_ptr<const RelativePositions> relative = nullptr, bool with_bias = true);

  /// [B, T, D] -> [B, T, D]; frames outside context.frame_mask are not attended to.
  Tensor forward(const Tensor& x, const ForwardContext& context) const;

  /// Linear::quantise of the projections.
  void quantise();

 private:
  Tensor attend(const std::vector<Tensor>& inputs, const AttentionPrefix* prefix, const ForwardContext& context) const;

  Linear k_proj_;
  Linear v_proj_;
  Linear q_proj_;
  Linear out_proj_;
  int64_t heads_;
  double dropout_;
  std::shared_ptr<const RelativePositions> relative_;
  std::optional<PositionGate> gate_;
  SiteId prefix_;
};

}  // namespace sure
