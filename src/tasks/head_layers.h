// What the heads are made of.
#pragma once

#include <cstdint>

#include "backbone/backbone.h"
#include "nn/parameters.h"
#include "tasks/head.h"

namespace sure {

/// [..., in] -> [..., out]; starts as torch.nn.Linear does: weight [out, in] and bias [out], both U(±1 / sqrt(in)).
struct TorchLinear {
  TorchLinear(int64_t in, int64_t out, const Scope& scope);
  Tensor operator()(const Tensor& x) const;

  Tensor weight;
  Tensor bias;
};

/// The hidden states that a head reads: the last layer's, or with `use_weighted_layer_sum` the sum of all L + 1 under
/// the softmax of trained layer_weights [L + 1], which start equal. There the last one has the encoder's final norm
/// behind it only with `final_norm_in_layer_sum`.
class LayerMix {
 public:
  LayerMix(const HeadOptions& options, const BackboneConfig& config, const Scope& scope);

  /// fp32 [B, T, D].
  Tensor operator()(const HiddenStates& states) const;
  bool needs_all_layers() const { return weights_.defined(); }

 private:
  Tensor weights_;
  bool final_norm_;
};

/// `options`' projector width, or the backbone's.
int64_t projector_size(const HeadOptions& options, const BackboneConfig& config);

}  // namespace sure
