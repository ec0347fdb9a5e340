#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/tanh.h>

#include "tts/speecht5.h"

#include "fused/residual.h"

namespace sure {

namespace {

constexpr double kBatchNormEps = 1e-5;
constexpr double kInitialSpread = 0.02;

}  // namespace

SpeechT5Postnet::SpeechT5Postnet(const Scope& scope, const SpeechT5Config& config)
    : feat_out_(default_linear(scope / "feat_out", config.hidden_size, config.num_mel_bins * config.reduction_factor)),
      prob_out_(default_linear(scope / "prob_out", config.hidden_size, config.reduction_factor)),
      mels_(config.num_mel_bins),
      dropout_(config.speech_decoder_postnet_dropout) {
  const int64_t count = config.speech_decoder_postnet_layers;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t in = i == 0 ? mels_ : config.speech_decoder_postnet_units;
    const int64_t out = i == count - 1 ? mels_ : config.speech_decoder_postnet_units;
    const Scope layer = scope / "layers" / i, norm = layer / "batch_norm";
    layers_.push_back(
        {(layer / "conv")
             .parameter("weight", {out, in, config.speech_decoder_postnet_kernel}, init::normal(kInitialSpread)),
         norm.parameter("weight", {out}, init::ones()), norm.parameter("bias", {out}, init::zeros()),
         norm.buffer("running_mean", {out}, init::zeros()), norm.buffer("running_var", {out}, init::ones())});
  }
}

Tensor SpeechT5Postnet::frames(const Tensor& hidden, const ForwardContext& pass) const {
  return feat_out_.forward(hidden, pass).view({hidden.size(0), -1, mels_});
}

Tensor SpeechT5Postnet::stop_logits(const Tensor& hidden, const ForwardContext& pass) const {
  return prob_out_.forward(hidden, pass).view({hidden.size(0), -1});
}

Tensor SpeechT5Postnet::refine(const Tensor& frames, bool training) const {
  Tensor x = frames.transpose(1, 2);
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    x = at::conv1d(x, layer.weight, {}, /*stride=*/1, /*padding=*/layer.weight.size(2) / 2);
    x = at::batch_norm(x, layer.norm_weight, layer.norm_bias, layer.norm_mean, layer.norm_variance,
                       /*training=*/false, /*momentum=*/0, kBatchNormEps, /*cudnn_enabled=*/false);
    if (i + 1 < layers_.size()) x = at::tanh(x);
    x = fused::dropout(x, dropout_, training);
  }
  return frames + x.transpose(1, 2);
}

}  // namespace sure
