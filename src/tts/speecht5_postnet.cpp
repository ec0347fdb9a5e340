#include "tts/speecht5.h"

namespace sure {

namespace {

ConvPostnetOptions refinement_options(const SpeechT5Config& config) {
  return {config.num_mel_bins,
          config.speech_decoder_postnet_units,
          config.speech_decoder_postnet_kernel,
          config.speech_decoder_postnet_layers,
          config.speech_decoder_postnet_dropout,
          /*with_bias=*/false};
}

}  // namespace

SpeechT5Postnet::SpeechT5Postnet(const Scope& scope, const SpeechT5Config& config)
    : feat_out_(default_linear(scope / "feat_out", config.hidden_size, config.num_mel_bins * config.reduction_factor)),
      prob_out_(default_linear(scope / "prob_out", config.hidden_size, config.reduction_factor)),
      refinement_(scope, refinement_options(config)),
      mels_(config.num_mel_bins) {}

Tensor SpeechT5Postnet::frames(const Tensor& hidden, const ForwardContext& pass) const {
  return feat_out_.forward(hidden, pass).view({hidden.size(0), -1, mels_});
}

Tensor SpeechT5Postnet::stop_logits(const Tensor& hidden, const ForwardContext& pass) const {
  return prob_out_.forward(hidden, pass).view({hidden.size(0), -1});
}

Tensor SpeechT5Postnet::refine(const Tensor& frames, bool training) const {
  return refinement_.forward(frames, /*mask=*/{}, training, BatchStatistics::kept);
}

}  // namespace sure
