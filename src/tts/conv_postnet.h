// What five convolutions over time add to a spectrogram (Shen et al. 2018): batch norm behind each, tanh behind all but
// the last.
#pragma once

#include <vector>

#include "nn/batch_norm.h"

namespace sure {

struct ConvPostnetOptions {
  int64_t mels = 80;
  int64_t channels = 512;
  int64_t kernel = 5;
  int64_t layers = 5;
  double dropout = 0.5;
  bool with_bias = true;
};

class ConvPostnet {
 public:
  /// Builds layers.N.conv and layers.N.batch_norm.
  ConvPostnet(const Scope& scope, const ConvPostnetOptions& options);

  /// [B, T, mels] -> [B, T, mels], the input included. Frames outside `mask`, bool [B, T] or undefined, are not seen.
  Tensor forward(const Tensor& frames, const Tensor& mask, bool training, BatchStatistics statistics) const;

 private:
  struct Layer {
    Tensor weight;
    Tensor bias;
    BatchNorm norm;
  };
  std::vector<Layer> layers_;
  double dropout_;
};

}  // namespace sure
