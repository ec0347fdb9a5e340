// wav2vec 2.0 (Baevski et al. 2020) and HuBERT (Hsu et al. 2021), whose encoders are one architecture:
// audio [B, S] -> front-end [B, T, C] -> projection [B, T, D] -> + positions -> layers [B, T, D].
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "backbone/backbone.h"
#include "nn/conv_front_end.h"
#include "nn/encoder_layer.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/positional_conv.h"

namespace sure {

class Wav2Vec2 : public Backbone {
 public:
  /// Builds its parameters through `root`, for Backbone::parameters() to own them afterwards.
  Wav2Vec2(const BackboneConfig& config, const Scope& root);

  HiddenStates forward(const BackboneInput& input, Pass pass) const override;
  AdapterSites sites() override;
  void quantise() override;

 private:
  Tensor project(const Tensor& features, const Pass& pass) const;
  Tensor mask_frames(const Tensor& features, const Tensor& mask) const;
  Tensor augment(const Tensor& features, const SpecAugmentOptions& options, const Pass& pass) const;
  Tensor encoder_input(Tensor features, bool exact_padding, const Pass& pass) const;
  Tensor frozen_part(const BackboneInput& input, const Pass& pass, Tensor& front_end) const;
  Tensor cached_part(const BackboneInput& input, const Pass& pass) const;
  Tensor frozen_part_of_clip(const BackboneInput& input, int64_t clip, const Pass& pass) const;
  Tensor run_layer(const EncoderLayer& layer, const Tensor& x, const BackboneInput& input, const Pass& pass) const;

  std::optional<Tensor> masked_spec_embed_;  // [D]
  ConvFrontEnd front_end_;
  std::optional<LayerNorm> projection_norm_;
  Linear projection_;
  PositionalConv positions_;
  LayerNorm encoder_norm_;
  std::vector<EncoderLayer> layers_;
};

std::unique_ptr<Backbone> build_wav2vec2(const BackboneConfig& config, ParameterSource& source);

}  // namespace sure
