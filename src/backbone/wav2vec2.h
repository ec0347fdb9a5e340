// wav2vec 2.0 (Baevski et al. 2020) and HuBERT (Hsu et al. 2021), whose encoders are one architecture:
// audio [B, S] -> front-end [B, T, C] -> projection [B, T, D] -> + positions -> layers [B, T, D].
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "backbone/backbone.h"
#include "nn/conv_front_end.h"
#include "nn/encoder_layer.h"
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

class Wav2Vec2 : public Backbone {
 public:
  /// Builds its parameters through `root`, for Backbone::parameters() to own them afterwards.
  Wav2Vec2(const BackboneConfig& config, const Scope& root, Wav2Vec2Parts parts);

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
  Tensor run_layer(int64_t index, const Tensor& x, const BackboneInput& input, const Pass& pass) const;

  std::optional<Tensor> masked_spec_embed_;  // [D]
  ConvFrontEnd front_end_;
  std::optional<LayerNorm> projection_norm_;
  Linear projection_;
  std::unique_ptr<const Positions> positions_;
  LayerNorm encoder_norm_;
  std::vector<EncoderLayer> layers_;
  bool keeps_first_layer_;  // layer drop never skips it
};

std::unique_ptr<Backbone> build_wav2vec2(const BackboneConfig& config, ParameterSource& source);

/// The same with parts of its own.
std::unique_ptr<Backbone> build_wav2vec2(const BackboneConfig& config, ParameterSource& source,
                                         const MakeWav2Vec2Parts& make_parts);

}  // namespace sure
