// data2vec's positions (Baevski et al. 2022): narrow grouped convolutions one on the other, each
// GELU(LayerNorm(conv(x))) with a norm that learns nothing.
#pragma once

#include <vector>

#include "nn/activation.h"
#include "nn/parameters.h"
#include "nn/positions.h"

namespace sure {

struct StackedPositionalConvOptions {
  int64_t size = 768;
  int64_t layers = 5;
  int64_t kernel = 19;  // frames
  int64_t groups = 16;
  std::string activation = "gelu";
};

class StackedPositionalConv : public Positions {
 public:
  /// Builds layers.N.conv.weight [D, D / groups, K] and bias [D].
  StackedPositionalConv(const Scope& scope, const StackedPositionalConvOptions& options);

  Tensor forward(const Tensor& x, const Tensor& frame_mask) const override;

 private:
  struct Layer {
    Tensor weight;
    Tensor bias;
  };
  std::vector<Layer> layers_;
  int64_t groups_;
  Activation activation_;
};

}  // namespace sure
