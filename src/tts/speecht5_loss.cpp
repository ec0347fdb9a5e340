#include <ATen/ops/arange.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>

#include <algorithm>

#include "tts/speecht5.h"

namespace sure {

namespace {

constexpr double kPadding = -100;
constexpr double kStopWeight = 5;

Tensor mean_distance(const Tensor& found, const Tensor& labels, const Tensor& real) {
  return (found - labels).abs().masked_select(real).mean();
}

/// The last real frame of a clip is where it stops.
Tensor stop_loss(const Tensor& logits, const Tensor& real) {
  const Tensor ends = at::cat({real.logical_not().slice(1, 1), at::ones({real.size(0), 1}, real.options())}, 1);
  const Tensor weight = at::full({1}, kStopWeight, logits.options().requires_grad(false));
  return at::binary_cross_entropy_with_logits(logits.masked_select(real),
                                              ends.masked_select(real).to(logits.scalar_type()), {}, weight);
}

/// From 0 on the diagonal to 1 far from it, [B, T, S], by each clip's own lengths.
Tensor off_diagonal(const Tensor& spoken, const Tensor& written, double sigma) {
  const auto places = [](const Tensor& mask) {
    const Tensor steps = at::arange(mask.size(1), mask.options().dtype(at::kFloat)).unsqueeze(0);
    return steps / mask.sum(1, /*keepdim=*/true).to(at::kFloat);
  };
  const Tensor apart = places(written).unsqueeze(1) - places(spoken).unsqueeze(2);
  return 1 - (-apart.square() / (2 * sigma * sigma)).exp();
}

Tensor guided_attention(const std::vector<Tensor>& attentions, const Tensor& spoken, const Tensor& written,
                        const SpeechT5Config& config) {
  std::vector<Tensor> heads;
  for (const Tensor& layer : attentions) heads.push_back(layer.slice(1, 0, config.guided_attention_loss_num_heads));
  const Tensor distance = off_diagonal(spoken, written, config.guided_attention_loss_sigma).unsqueeze(1);
  const Tensor real = (spoken.unsqueeze(2) & written.unsqueeze(1)).unsqueeze(1);
  return config.guided_attention_loss_scale * (distance * at::cat(heads, 1)).masked_select(real).mean();
}

}  // namespace

Tensor speecht5_loss(const SpeechT5Output& output, const Tensor& mask, const Tensor& labels,
                     const SpeechT5Config& config) {
  const Tensor real = labels != kPadding, frames = real.select(2, 0);
  Tensor loss = mean_distance(output.after, labels, real) + mean_distance(output.before, labels, real) +
                stop_loss(output.stop, frames);
  if (!config.use_guided_attention_loss) return loss;
  const int64_t reduction = config.reduction_factor;
  const Tensor spoken = frames.slice(1, reduction - 1, c10::nullopt, reduction);
  return loss + guided_attention(output.attentions, spoken, mask, config);
}

}  // namespace sure
