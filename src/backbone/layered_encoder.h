// What all encoders share, whatever makes the input of their layers: the stack of transformer layers with layer drop,
// checkpointing and all layers' outputs, the frozen lower part and its cache.
#pragma once

#include <optional>
#include <vector>

#include "backbone/backbone.h"
#include "nn/encoder_layer.h"
#include "nn/norm.h"

namespace sure {

class LayeredEncoder : public Backbone {
 public:
  HiddenStates forward(const BackboneInput& input, ForwardContext context) const override;
  std::string cache_obstacle(const AdapterSet& adapters, int64_t layer) const override;
  std::string graph_obstacle() const override;
  void quantise() override;

 protected:
  /// The input of the first layer without dropout, [B, T, D]; sets `front_end` to HiddenStates::front_end.
  virtual Tensor embed(const BackboneInput& input, const ForwardContext& context, Tensor& front_end) const = 0;

  /// The dropout in it that training cannot do without, as its config.json calls it; empty: none.
  virtual std::string dropout_in_front() const { return ""; }

  std::vector<EncoderLayer> layers_;
  std::optional<LayerNorm> output_norm_;  // behind the last layer
  bool keeps_first_layer_ = false;        // layer drop never skips it

 private:
  Tensor frozen_part(const BackboneInput& input, const ForwardContext& context, Tensor& front_end) const;
  Tensor cached_part(const BackboneInput& input, const ForwardContext& context) const;
  Tensor frozen_part_of_clip(const BackboneInput& input, int64_t clip, const ForwardContext& context) const;
  Tensor run_layer(int64_t index, const Tensor& x, const BackboneInput& input, const ForwardContext& context) const;
};

}  // namespace sure
