// What FastSpeech 2 adds to a text before it is spoken: how long each symbol lasts, how high and how loud it is.
#pragma once

#include <vector>

#include "tts/fastspeech2_config.h"
#include "tts/variance_predictor.h"

namespace sure {

/// A contour as audio/pitch_contour.h describes it.
struct PitchPrediction {
  Tensor parts;      // [B, T, kContourScales]
  Tensor unvoiced;   // logits [B, T]
  Tensor mean;       // [B]
  Tensor deviation;  // [B]
};

class PitchPredictor {
 public:
  PitchPredictor(const Scope& scope, const FastSpeech2Config& config);

  /// The contour of frames [B, T, D] with their context; its mean and deviation from the text's symbols [B, S, D], of
  /// which `symbol_mask`, bool [B, S], says which are real.
  PitchPrediction forward(const Tensor& frames, const ForwardContext& context, const Tensor& symbols,
                          const Tensor& symbol_mask) const;

  /// F0 in Hz, 0 = unvoiced, [B, T] -> [B, T, D].
  Tensor embed(const Tensor& hertz) const;

 private:
  Linear input_;
  VariancePredictor contour_;
  std::vector<Linear> statistics_;
  Tensor embedding_;
  double bins_;
  double lowest_;   // mel
  double highest_;  // mel
};

class EnergyPredictor {
 public:
  EnergyPredictor(const Scope& scope, const FastSpeech2Config& config);

  /// Symbols [B, S, D] -> energies [B, S], zero for padding.
  Tensor forward(const Tensor& symbols, const ForwardContext& context) const;

  /// Energies [B, S] -> [B, S, D].
  Tensor embed(const Tensor& energies) const;

 private:
  VariancePredictor predictor_;
  Tensor embedding_;
  double unit_;
  double highest_;
};

/// x as it is, through which only a share of the gradient flows.
Tensor with_gradient_share(const Tensor& x, double share);

}  // namespace sure
