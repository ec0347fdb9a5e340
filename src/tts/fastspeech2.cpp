#include "tts/fastspeech2.h"

#include <ATen/ops/embedding.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "audio/pitch_contour.h"
#include "nn/conv_front_end.h"
#include "tts/alignment.h"
#include "tts/length_regulator.h"

namespace sure {

namespace {

constexpr double kSymbolSpread = 1;      // as torch.nn.Embedding's default
constexpr double kLongestSymbol = 1000;  // frames: more is a prediction gone astray

std::vector<FftBlock> make_blocks(const Scope& scope, int64_t count, const FastSpeech2Config& config) {
  const FftBlockOptions options = {config.hidden_size, config.attention_heads, config.feed_forward_size,
                                   config.feed_forward_kernel, config.hidden_dropout};
  std::vector<FftBlock> blocks;
  for (int64_t i = 0; i < count; ++i) blocks.emplace_back(scope / i, options);
  return blocks;
}

Tensor run(const std::vector<FftBlock>& blocks, const Tensor& x, const ForwardContext& context) {
  Tensor y = x + sinusoids(/*first=*/0, x.size(1), x.size(2)).to(x.options());
  for (const FftBlock& block : blocks) y = block.forward(y, context);
  return y;
}

ForwardContext context_of(const FastSpeech2Pass& pass, const Tensor& mask) {
  return {pass.training, mask, pass.adapters};
}

VariancePredictorOptions duration_options(const FastSpeech2Config& config) {
  return {config.hidden_size, config.predictor_size,   config.duration_layers, config.duration_kernel,
          /*out=*/1,          config.predictor_dropout};
}

ConvPostnetOptions postnet_options(const FastSpeech2Config& config) {
  return {config.num_mel_bins, config.postnet_size, config.postnet_kernel, config.postnet_layers,
          config.postnet_dropout};
}

/// F0 of predicted contours, [B, T]; each clip's is its own.
Tensor hertz_of(const PitchPrediction& pitch, const Tensor& counts) {
  const Tensor hertz = at::zeros(pitch.unvoiced.sizes(), at::kFloat);
  for (int64_t i = 0; i < hertz.size(0); ++i) {
    const int64_t frames = counts[i].item<int64_t>();
    const double mean = pitch.mean[i].item<double>(), deviation = std::max(0.0, pitch.deviation[i].item<double>());
    const Tensor contour = hertz_of_parts(pitch.parts[i].slice(0, 0, frames).to(at::kCPU, at::kFloat), mean, deviation);
    const Tensor unvoiced = pitch.unvoiced[i].slice(0, 0, frames).cpu() > 0;
    hertz[i].slice(0, 0, frames).copy_(contour.masked_fill(unvoiced, 0));
  }
  return hertz.to(counts.device());
}

}  // namespace

FastSpeech2::FastSpeech2(const Scope& scope, const FastSpeech2Config& config)
    : config_(config),
      embed_symbols_((scope / "encoder" / "embed_symbols")
                         .parameter("weight", {config.vocab_size, config.hidden_size}, init::normal(kSymbolSpread))),
      encoder_(make_blocks(scope / "encoder" / "layers", config.encoder_layers, config)),
      speaker_projection_(
          default_linear(scope / "speaker_projection", config.speaker_embedding_dim, config.hidden_size)),
      aligner_(scope / "aligner", config),
      duration_predictor_(scope / "duration_predictor", duration_options(config)),
      pitch_predictor_(scope / "pitch_predictor", config),
      energy_predictor_(scope / "energy_predictor", config),
      decoder_(make_blocks(scope / "decoder" / "layers", config.decoder_layers, config)),
      mel_output_(default_linear(scope / "mel_output", config.hidden_size, config.num_mel_bins)),
      postnet_(scope / "postnet", postnet_options(config)) {}

FastSpeech2::Encoded FastSpeech2::encode(const FastSpeech2Text& text, const FastSpeech2Pass& pass) const {
  Encoded encoded;
  encoded.context = context_of(pass, mask_of_lengths(text.counts, text.ids.size(1), text.ids));
  encoded.embedded = at::embedding(embed_symbols_, text.ids);
  encoded.speaker = speaker_projection_.forward(text.speaker, pass);
  const Tensor states = run(encoder_, encoded.embedded, encoded.context);
  encoded.states = zero_outside(states + encoded.speaker.unsqueeze(1), encoded.context.frame_mask);
  return encoded;
}

Tensor FastSpeech2::predict_log_durations(const Encoded& encoded) const {
  const Tensor seen = with_gradient_share(encoded.states, config_.predictor_gradient);
  return duration_predictor_.forward(seen, encoded.context).squeeze(2);
}

PitchPrediction FastSpeech2::predict_pitch(const Tensor& frames, const ForwardContext& context,
                                           const Encoded& encoded) const {
  const double share = config_.predictor_gradient;
  return pitch_predictor_.forward(with_gradient_share(frames, share), context,
                                  with_gradient_share(encoded.states, share), encoded.context.frame_mask);
}

Tensor FastSpeech2::predict_energy(const Encoded& encoded) const {
  return energy_predictor_.forward(with_gradient_share(encoded.states, config_.predictor_gradient), encoded.context);
}

Tensor FastSpeech2::decode(const Tensor& frames, const ForwardContext& context) const {
  return zero_outside(mel_output_.forward(run(decoder_, frames, context), context), context.frame_mask);
}

FastSpeech2Output FastSpeech2::forward(const FastSpeech2Text& text, const FastSpeech2Speech& speech, int64_t step,
                                       const FastSpeech2Pass& pass, BatchStatistics statistics) const {
  const Encoded encoded = encode(text, pass);
  const ForwardContext context = context_of(pass, mask_of_lengths(speech.counts, speech.mel.size(1), speech.mel));
  FastSpeech2Output output;
  output.symbol_mask = encoded.context.frame_mask;
  output.frame_mask = context.frame_mask;
  output.scores = aligner_.forward({encoded.embedded, output.symbol_mask, text.counts, speech.mel, output.frame_mask,
                                    speech.counts, encoded.speaker},
                                   pass);
  output.soft = at::softmax(output.scores, 2);
  output.durations = monotonic_alignment(output.scores, speech.counts, text.counts);
  output.symbols = symbols_of_frames(output.durations, speech.mel.size(1));
  const bool is_hard = step >= config_.hard_alignment_start;
  const Tensor frames =
      is_hard ? expand_to_frames(encoded.states, output.symbols) : at::matmul(output.soft, encoded.states);
  output.log_durations = predict_log_durations(encoded);
  output.pitch = predict_pitch(frames, context, encoded);
  output.energy = predict_energy(encoded);
  output.known_energy =
      mean_of_frames(zero_outside(speech.energy, context.frame_mask), output.symbols, output.durations);
  const Tensor loudness = expand_to_frames(energy_predictor_.embed(output.known_energy), output.symbols);
  output.before = decode(frames + pitch_predictor_.embed(speech.hertz) + loudness, context);
  output.after =
      zero_outside(postnet_.forward(output.before, context.frame_mask, pass.training, statistics), context.frame_mask);
  return output;
}

FastSpeech2Frames FastSpeech2::speak(const FastSpeech2Text& text, const FastSpeech2Controls& controls,
                                     const FastSpeech2Pass& pass) const {
  const at::NoGradGuard no_grad;
  const Encoded encoded = encode(text, pass);
  const Tensor& mask = encoded.context.frame_mask;
  FastSpeech2Frames said;
  said.durations = controls.durations;
  if (!said.durations.defined()) {
    const Tensor predicted = (predict_log_durations(encoded).exp() - 1) / controls.rate;
    said.durations = zero_outside(predicted.round().clamp(1, kLongestSymbol).to(at::kLong), mask);
  }
  said.counts = said.durations.sum(1);
  const int64_t length = said.counts.max().item<int64_t>();
  const ForwardContext context = context_of(pass, mask_of_lengths(said.counts, length, said.counts));
  const Tensor symbols = symbols_of_frames(said.durations, length);
  const Tensor frames = expand_to_frames(encoded.states, symbols);
  const Tensor hertz = hertz_of(predict_pitch(frames, context, encoded), said.counts) * controls.pitch;
  const Tensor loudness = energy_predictor_.embed(predict_energy(encoded) * controls.energy);
  const Tensor before = decode(frames + pitch_predictor_.embed(hertz) + expand_to_frames(loudness, symbols), context);
  said.mel = postnet_.forward(before, context.frame_mask, /*training=*/false, BatchStatistics::kept);
  return said;
}

void FastSpeech2::quantise() {
  for (FftBlock& block : encoder_) block.quantise();
  for (FftBlock& block : decoder_) block.quantise();
}

}  // namespace sure
