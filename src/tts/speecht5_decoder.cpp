#include <ATen/ops/bernoulli.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/relu.h>

#include "tts/speecht5.h"
#include "tts/speecht5_layers.h"

namespace sure {

namespace {

constexpr double kSmallestNorm = 1e-12;

/// Also outside training, as in Tacotron 2 (Shen et al. 2018, §2.2): what makes each rendering a little different. All
/// clips of a batch share their mask, whose share of ones is the rate, as in transformers.
Tensor drop_always(const Tensor& x, double rate) {
  if (rate == 0) return x;
  const Tensor kept = at::bernoulli(x.detach().select(0, 0), rate);
  return x * kept / (1 - rate);
}

}  // namespace

SpeechT5Decoder::SpeechT5Decoder(const Scope& scope, const SpeechT5Config& config)
    : prenet_([&] {
        std::vector<Linear> layers;
        for (int64_t i = 0; i < config.speech_decoder_prenet_layers; ++i) {
          const int64_t in = i == 0 ? config.num_mel_bins : config.speech_decoder_prenet_units;
          layers.push_back(default_linear(scope / "prenet" / "layers" / i, in, config.speech_decoder_prenet_units));
        }
        return layers;
      }()),
      final_layer_(
          default_linear(scope / "prenet" / "final_layer", config.speech_decoder_prenet_units, config.hidden_size)),
      encode_positions_(scope / "prenet" / "encode_positions", config.hidden_size, config.positional_dropout),
      speaker_embeds_layer_(default_linear(scope / "prenet" / "speaker_embeds_layer",
                                           config.speaker_embedding_dim + config.hidden_size, config.hidden_size)),
      prenet_dropout_(config.speech_decoder_prenet_dropout) {
  const Scope layers = scope / "wrapped_decoder" / "layers";
  const EncoderLayerOptions options = decoder_layer_options(config);
  for (int64_t i = 0; i < config.decoder_layers; ++i) layers_.emplace_back(layers / i, options);
}

Tensor SpeechT5Decoder::prepare(const Tensor& frames, const Tensor& speaker, int64_t first,
                                const ForwardContext& pass) const {
  Tensor x = frames;
  for (const Linear& layer : prenet_) x = drop_always(at::relu(layer.forward(x, pass)), prenet_dropout_);
  x = encode_positions_.forward(final_layer_.forward(x, pass), first, pass.training);
  if (!speaker.defined()) return x;
  const Tensor direction = speaker / speaker.norm(2, 1, /*keepdim=*/true).clamp_min(kSmallestNorm);
  const Tensor everywhere = direction.unsqueeze(1).expand({-1, x.size(1), -1}).to(x.scalar_type());
  return at::relu(speaker_embeds_layer_.forward(at::cat({x, everywhere}, 2), pass));
}

Tensor SpeechT5Decoder::forward(const Tensor& frames, const SpeechT5State& state, const ForwardContext& pass,
                                std::vector<Tensor>* weights) const {
  Tensor x = prepare(frames, state.speaker, /*first=*/0, pass);
  for (const DecoderLayer& layer : layers_) {
    DecoderLayer::Context context;
    context.states = state.encoded;
    context.mask = state.mask;
    if (weights != nullptr) context.weights = &weights->emplace_back();
    x = layer.forward(x, context, pass);
  }
  return x;
}

Tensor SpeechT5Decoder::step(const Tensor& frame, SpeechT5State& state, const ForwardContext& pass) const {
  state.caches.resize(layers_.size());
  Tensor x = prepare(frame, state.speaker, state.step++, pass);
  for (size_t i = 0; i < layers_.size(); ++i) {
    DecoderLayer::Context context;
    context.states = state.encoded;
    context.mask = state.mask;
    context.cache = &state.caches[i];
    x = layers_[i].forward(x, context, pass);
  }
  return x;
}

void SpeechT5Decoder::quantise() {
  for (DecoderLayer& layer : layers_) layer.quantise();
}

}  // namespace sure
