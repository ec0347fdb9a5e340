// Multi-head self-attention (Vaswani et al. 2017), with a slot for extra keys and values, and perhaps a gated bias by
// the distance of frames (nn/relative_positions.h).
#pragma once

#include <memory>
#include <optional>

#include "nn/adapter_site.h"
#include "nn/linear.h"
#include "nn/relative_positions.h"

namespace sure {

class SelfAttention {
 public:
  /// `relative`: shared by all layers, null for none; with it the layer builds a gate of its own.
  SelfAttention(const Scope& scope, int64_t size, int64_t heads, double dropout,
                std::shared_ptr<const RelativePositions> relative = nullptr);

  /// [B, T, D] -> [B, T, D]; frames outside pass.frame_mask are not attended to.
  Tensor forward(const Tensor& x, const Pass& pass) const;

  /// Fills in the prefix slot and the four projections, as "attention.q_proj" and so on.
  void add_sites(LayerSites& sites);

  /// Linear::quantise of the projections.
  void quantise();

 private:
  struct Projected {
    Tensor queries;
    Tensor keys;
    Tensor values;
  };
  Projected project(const Tensor& x) const;

  Linear k_proj_;
  Linear v_proj_;
  Linear q_proj_;
  Linear out_proj_;
  int64_t heads_;
  double dropout_;
  std::shared_ptr<const RelativePositions> relative_;
  std::optional<PositionGate> gate_;
  std::shared_ptr<AttentionPrefix> prefix_;
};

}  // namespace sure
