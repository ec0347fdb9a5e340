#include "backbone/layered_encoder.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "backbone/padding.h"
#include "core/error.h"
#include "fused/residual.h"
#include "nn/conv_front_end.h"
#include "nn/recompute.h"

namespace sure {

namespace {

void check_lengths(const BackboneConfig& config, const BackboneInput& input) {
  const int64_t shortest = input.lengths.defined() ? input.lengths.min().item<int64_t>() : input.audio.size(1);
  if (config.frames(shortest) < 1) {
    fail("a clip of {} samples is too short for one frame of this model; leave it out or pad it", shortest);
  }
}

Tensor frame_lengths(const BackboneConfig& config, const Tensor& lengths) {
  if (!lengths.defined()) return lengths;
  const Tensor frames = lengths.to(at::kCPU, at::kLong).clone();
  for (int64_t b = 0; b < frames.size(0); ++b) frames[b] = config.frames(frames[b].item<int64_t>());
  return frames;
}

/// The lowest layer whose input need not be kept apart: above the frozen ones, unless all layers' outputs are wanted.
int64_t first_layer(const BackboneInput& input) { return input.all_layers ? 0 : input.frozen_layers; }

}  // namespace

Tensor LayeredEncoder::run_layer(int64_t index, const Tensor& x, const BackboneInput& input,
                                 const ForwardContext& context) const {
  const EncoderLayer& layer = layers_[static_cast<size_t>(index)];
  const bool may_skip = index > 0 || !keeps_first_layer_;
  if (context.training && may_skip && config_.layerdrop > 0 && at::rand({}).item<double>() < config_.layerdrop)
    return x;
  if (!input.gradient_checkpointing) return layer.forward(x, context);
  return recompute_in_backward([&layer, context](const Tensor& h) { return layer.forward(h, context); }, x);
}

/// The input of the encoder, or of the first layer above the frozen ones where only the last layer's output is wanted:
/// [B, T, D]. No dropout of its own.
Tensor LayeredEncoder::frozen_part(const BackboneInput& input, const ForwardContext& context, Tensor& front_end) const {
  ForwardContext below = context;
  below.training = context.training && input.frozen_layers == 0;
  Tensor x = embed(input, context, front_end);
  for (int64_t i = 0; i < first_layer(input); ++i) x = layers_[static_cast<size_t>(i)].forward(x, below);
  return x;
}

/// The same, computed for the clips that the cache does not hold yet; each alone, since the last bits depend on what a
/// clip is batched with, and a resumed run meets it in another batch.
Tensor LayeredEncoder::cached_part(const BackboneInput& input, const ForwardContext& context) const {
  const at::NoGradGuard no_gradients;
  const int64_t clips = input.audio.size(0), frames = config_.frames(input.audio.size(1));
  const Tensor x = at::zeros({clips, frames, config_.hidden_size}, input.audio.options().dtype(input.dtype));
  for (int64_t b = 0; b < clips; ++b) {
    const int64_t samples = input.lengths.defined() ? input.lengths[b].item<int64_t>() : input.audio.size(1);
    const std::string key = cache_key(input.cache_key, input.audio[b].narrow(0, 0, samples));
    Tensor clip = input.cache->find(key);
    if (!clip.defined()) {
      clip = frozen_part_of_clip(input, b, context);
      input.cache->store(key, clip);
    }
    x[b].narrow(0, 0, clip.size(0)).copy_(clip);
  }
  return x;
}

/// Row `clip` of the frozen part: [T, D], where there are lengths without padding.
Tensor LayeredEncoder::frozen_part_of_clip(const BackboneInput& input, int64_t clip,
                                           const ForwardContext& context) const {
  BackboneInput alone = input;
  ForwardContext local = context;
  Tensor front_end;
  alone.audio = input.audio.narrow(0, clip, 1);
  if (!input.lengths.defined()) return frozen_part(alone, local, front_end)[0].clone();
  alone.lengths = input.lengths.narrow(0, clip, 1);
  const auto samples = alone.lengths.item<int64_t>();
  if (input.exact_padding || !sees_padding(config_)) alone.audio = alone.audio.narrow(1, 0, samples);
  local.frame_mask =
      mask_of_lengths(frame_lengths(config_, alone.lengths), config_.frames(alone.audio.size(1)), alone.audio);
  return frozen_part(alone, local, front_end)[0].narrow(0, 0, config_.frames(samples)).clone();
}

HiddenStates LayeredEncoder::forward(const BackboneInput& input, ForwardContext context) const {
  check_lengths(config_, input);
  context.frame_mask =
      mask_of_lengths(frame_lengths(config_, input.lengths), config_.frames(input.audio.size(1)), input.audio);
  HiddenStates states{{}, context.frame_mask, {}};
  Tensor x = input.cache == nullptr ? frozen_part(input, context, states.front_end) : cached_part(input, context);
  if (input.frozen_layers == 0) x = fused::dropout(x, config_.hidden_dropout, context.training);
  for (int64_t i = first_layer(input); i < config_.num_hidden_layers; ++i) {
    if (input.all_layers) states.layers.push_back(x);
    ForwardContext local = context;
    local.training = context.training && i >= input.frozen_layers;
    x = run_layer(i, x, input, local);
  }
  states.without_norm = x;
  states.layers.push_back(output_norm_ ? output_norm_->forward(x) : x);
  return states;
}

std::string LayeredEncoder::cache_obstacle(const AdapterSet& adapters, int64_t layer) const {
  const auto is_behind = [&](const NamedTensor& p) {
    const bool of_norm =
        output_norm_ && (p.value.is_same(output_norm_->weight()) || p.value.is_same(output_norm_->bias()));
    return of_norm || encoder_layer_of(p.name).has_value();
  };
  const bool trains = std::any_of(parameters_.begin(), parameters_.end(),
                                  [&](const NamedTensor& p) { return p.value.requires_grad() && !is_behind(p); });
  const bool adapts = std::any_of(sites_.begin(), sites_.end(), [&](const Site& site) {
    return !site.layer && (adapters.projection(site.id) != nullptr || adapters.residual(site.id) != nullptr);
  });
  if (trains || adapts) return "the front-end or the projection trains";
  const std::string dropout = layer == 0 ? dropout_in_front() : "";
  if (dropout.empty()) return "";
  return fmt::format("dropout in the projection ({}) is drawn anew each time; --dropout 0 switches it off", dropout);
}

std::string LayeredEncoder::graph_obstacle() const {
  return config_.layerdrop > 0 ? "layers are skipped by chance (layerdrop); --layerdrop 0 switches that off" : "";
}

void LayeredEncoder::quantise() {
  for (EncoderLayer& layer : layers_) layer.quantise();
}

}  // namespace sure
