#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "audio/pitch_contour.h"
#include "tts/alignment.h"
#include "tts/fastspeech2.h"

namespace sure {

namespace {

/// Mean of what the mask, bool [B, T], lets through of x, [B, T] or [B, T, C].
Tensor mean_inside(const Tensor& x, const Tensor& mask) {
  return x.masked_select(x.dim() > mask.dim() ? mask.unsqueeze(2) : mask).mean();
}

/// Contours of a batch.
struct Contours {
  Tensor parts;      // [B, T, kContourScales]
  Tensor mean;       // [B]
  Tensor deviation;  // [B]
  Tensor spoken;     // bool [B]: has voice somewhere
};

Contours contours_of(const FastSpeech2Speech& speech) {
  const Tensor hertz = speech.hertz.cpu(), counts = speech.counts.cpu();
  Contours all = {at::zeros({hertz.size(0), hertz.size(1), kContourScales}), at::zeros({hertz.size(0)}),
                  at::zeros({hertz.size(0)}), at::zeros({hertz.size(0)}, at::kBool)};
  for (int64_t i = 0; i < hertz.size(0); ++i) {
    const int64_t frames = counts[i].item<int64_t>();
    const PitchContour contour = pitch_contour(hertz[i].slice(0, 0, frames));
    all.parts[i].slice(0, 0, frames).copy_(contour.parts);
    all.mean[i].fill_(contour.mean);
    all.deviation[i].fill_(contour.deviation);
    all.spoken[i].copy_(contour.voiced.any());
  }
  const auto device = speech.mel.device();
  return {all.parts.to(device), all.mean.to(device), all.deviation.to(device), all.spoken.to(device)};
}

void add_pitch(const FastSpeech2Output& output, const FastSpeech2Speech& speech, std::map<std::string, Tensor>& terms) {
  const Contours known = contours_of(speech);
  const PitchPrediction& pitch = output.pitch;
  terms["voicing"] = at::binary_cross_entropy_with_logits(
      pitch.unvoiced.masked_select(output.frame_mask),
      (speech.hertz <= 0).to(pitch.unvoiced.scalar_type()).masked_select(output.frame_mask));
  const Tensor clips = known.spoken.sum().clamp_min(1);
  const auto mean_of_spoken = [&](const Tensor& distance) {
    return distance.masked_select(known.spoken).sum() / clips;
  };
  const Tensor inside = output.frame_mask & known.spoken.unsqueeze(1);
  terms["pitch"] = (pitch.parts - known.parts).abs().masked_select(inside.unsqueeze(2)).sum() /
                   (inside.sum().clamp_min(1) * kContourScales);
  terms["pitch_mean"] = mean_of_spoken((pitch.mean - known.mean).abs());
  terms["pitch_deviation"] = mean_of_spoken((pitch.deviation - known.deviation).abs());
}

void add_durations(const FastSpeech2Output& output, std::map<std::string, Tensor>& terms) {
  const Tensor known = output.durations.to(output.log_durations.scalar_type());
  terms["duration"] = mean_inside((output.log_durations - known.log1p()).square(), output.symbol_mask);
  const Tensor sum = (output.log_durations.exp() - 1).clamp_min(0).sum(1);  // exp(0) - 1 of padding is 0
  terms["sentence_duration"] = (sum.log1p() - known.sum(1).log1p()).square().mean();
}

/// Grows from 0 to 1 once the alignment is hard.
double binarisation_weight(int64_t step, const FastSpeech2Config& config) {
  const auto since = static_cast<double>(step - config.binarisation_start);
  return std::clamp(since / static_cast<double>(config.binarisation_ramp), 0.0, 1.0);
}

}  // namespace

SpeechLoss fastspeech2_loss(const FastSpeech2Output& output, const FastSpeech2Text& text,
                            const FastSpeech2Speech& speech, int64_t step, const FastSpeech2Config& config) {
  std::map<std::string, Tensor> terms;
  terms["mel"] = mean_inside((output.before - speech.mel).abs(), output.frame_mask);
  terms["mel_postnet"] = mean_inside((output.after - speech.mel).abs(), output.frame_mask);
  terms["forward_sum"] = forward_sum_loss(output.scores, speech.counts, text.counts);
  const double weight = binarisation_weight(step, config);
  if (weight > 0) {
    terms["binarisation"] = binarisation_loss(output.soft, output.symbols, output.frame_mask) * weight;
  }
  add_durations(output, terms);
  add_pitch(output, speech, terms);
  terms["energy"] = mean_inside((output.energy - output.known_energy).abs(), output.symbol_mask) / config.energy_unit;
  SpeechLoss loss;
  for (const auto& [name, term] : terms) {
    loss.total = loss.total.defined() ? loss.total + term : term;
    loss.parts[name] = term.detach();
  }
  return loss;
}

}  // namespace sure
