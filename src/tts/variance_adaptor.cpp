#include "tts/variance_adaptor.h"

#include <ATen/ops/embedding.h>
#include <ATen/ops/relu.h>

#include <cmath>

#include "audio/mel_scale.h"
#include "audio/pitch_contour.h"

namespace sure {

namespace {

Init embedding_init(int64_t width) { return init::normal(1 / std::sqrt(static_cast<double>(width))); }

VariancePredictorOptions predictor_options(const FastSpeech2Config& config, int64_t in, int64_t out) {
  return {in,  config.predictor_size,    config.variance_layers, config.variance_kernel,
          out, config.predictor_dropout, /*positions=*/true};
}

}  // namespace

PitchPredictor::PitchPredictor(const Scope& scope, const FastSpeech2Config& config)
    : input_(default_linear(scope / "input", config.hidden_size, config.pitch_size)),
      contour_(scope / "contour", predictor_options(config, config.pitch_size, kContourScales + 1)),
      embedding_(
          (scope / "embedding")
              .parameter("weight", {config.pitch_embeddings, config.hidden_size}, embedding_init(config.hidden_size))),
      bins_(static_cast<double>(config.pitch_bins)),
      lowest_(mel_of(config.lowest_pitch)),
      highest_(mel_of(config.highest_pitch)) {
  const int64_t widths[] = {config.hidden_size, config.pitch_size, config.pitch_size, 2};
  for (int64_t i = 0; i < 3; ++i) {
    statistics_.push_back(default_linear(scope / "statistics" / i, widths[i], widths[i + 1]));
  }
}

PitchPrediction PitchPredictor::forward(const Tensor& frames, const ForwardContext& context, const Tensor& symbols,
                                        const Tensor& symbol_mask) const {
  const Tensor outputs = contour_.forward(input_.forward(frames, context), context);
  Tensor statistics = zero_outside(symbols, symbol_mask).sum(1) / symbol_mask.sum(1, /*keepdim=*/true);
  for (size_t i = 0; i < statistics_.size(); ++i) {
    statistics = statistics_[i].forward(i == 0 ? statistics : at::relu(statistics), context);
  }
  return {outputs.slice(2, 0, kContourScales), outputs.select(2, kContourScales), statistics.select(1, 0),
          statistics.select(1, 1)};
}

Tensor PitchPredictor::embed(const Tensor& hertz) const {
  const Tensor place = (mel_of(hertz) - lowest_) / (highest_ - lowest_);  // 0 to 1
  const Tensor bins = (place * (bins_ - 2) + 1).round().clamp(1, bins_ - 1).masked_fill(hertz <= 0, 0);
  return at::embedding(embedding_, bins.to(at::kLong));
}

EnergyPredictor::EnergyPredictor(const Scope& scope, const FastSpeech2Config& config)
    : predictor_(scope, predictor_options(config, config.hidden_size, 1)),
      embedding_(
          (scope / "embedding")
              .parameter("weight", {config.energy_bins, config.hidden_size}, embedding_init(config.hidden_size))),
      unit_(config.energy_unit),
      highest_(config.highest_energy) {}

Tensor EnergyPredictor::forward(const Tensor& symbols, const ForwardContext& context) const {
  return predictor_.forward(symbols, context).squeeze(2) * unit_;
}

Tensor EnergyPredictor::embed(const Tensor& energies) const {
  const auto last = static_cast<double>(embedding_.size(0) - 1);
  return at::embedding(embedding_, (energies / highest_ * last).round().clamp(0, last).to(at::kLong));
}

Tensor with_gradient_share(const Tensor& x, double share) { return x.detach() + (x - x.detach()) * share; }

}  // namespace sure
