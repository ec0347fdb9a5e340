// Predicts a number or some for each step of a sequence (Ren et al. 2021): convolutions, each with ReLU, norm and
// dropout behind it, and a linear layer.
#pragma once

#include <optional>
#include <vector>

#include "nn/frame_conv.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "tts/scaled_positions.h"

namespace sure {

struct VariancePredictorOptions {
  int64_t in = 256;
  int64_t channels = 256;
  int64_t layers = 2;
  int64_t kernel = 3;
  int64_t out = 1;
  double dropout = 0.5;
  bool positions = false;  // adds sinusoids times a learnt factor to its input
};

class VariancePredictor {
 public:
  VariancePredictor(const Scope& scope, const VariancePredictorOptions& options);

  /// [B, T, in] -> [B, T, out], zero outside context.frame_mask, of which nothing is seen.
  Tensor forward(const Tensor& x, const ForwardContext& context) const;

 private:
  struct Layer {
    FrameConv conv;
    LayerNorm norm;
  };
  std::optional<ScaledPositions> positions_;
  std::vector<Layer> layers_;
  Linear output_;
  double dropout_;
};

}  // namespace sure
