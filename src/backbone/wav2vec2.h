// wav2vec 2.0 (Baevski et al. 2020) and HuBERT (Hsu et al. 2021), whose encoders are one architecture:
// audio [B, S] -> front-end [B, T, C] -> projection [B, T, D] -> + positions -> layers [B, T, D].
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "backbone/layered_encoder.h"
#include "nn/conv_front_end.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/positions.h"
#include "nn/relative_positions.h"

namespace sure {

/// Where the architectures of this family differ.
struct Wav2Vec2Parts {
  std::unique_ptr<const Positions> positions;                   // null: wav2vec 2.0's PositionalConv
  std::shared_ptr<const RelativePositions> relative_positions;  // null: none
};

/// Builds them through the backbone's scope.
using MakeWav2Vec2Parts = std::function<Wav2Vec2Parts(const Scope& root)>;

class Wav2Vec2 : public LayeredEncoder {
 public:
  /// Builds its parameters and sites through `root`; Backbone::own gets them afterwards.
  Wav2Vec2(const BackboneConfig& config, const Scope& root, Wav2Vec2Parts parts);

 private:
  Tensor embed(const BackboneInput& input, const ForwardContext& context, Tensor& front_end) const override;
  std::string dropout_in_front() const override { return config_.feat_proj_dropout > 0 ? "feat_proj_dropout" : ""; }
  /// [B, T, C] -> [B, T, D].
  Tensor project(const Tensor& features, const ForwardContext& context) const;
  Tensor mask_frames(const Tensor& x, const Tensor& mask) const;
  Tensor augment(const Tensor& features, const SpecAugmentOptions& options, const ForwardContext& context) const;
  /// With positions and, where it stands in front of the layers, the encoder's norm: [B, T, D] -> [B, T, D].
  Tensor encoder_input(Tensor x, bool exact_padding, const ForwardContext& context) const;

  std::optional<Tensor> masked_spec_embed_;  // [D]
  ConvFrontEnd front_end_;
  std::optional<LayerNorm> projection_norm_;
  Linear projection_;
  std::unique_ptr<const Positions> positions_;
  LayerNorm encoder_norm_;
};

std::unique_ptr<Backbone> build_wav2vec2(const BackboneConfig& config, ParameterSource& source);

/// The same with parts of its own.
std::unique_ptr<Backbone> build_wav2vec2(const BackboneConfig& config, ParameterSource& source,
                                         const MakeWav2Vec2Parts& make_parts);

}  // namespace sure
