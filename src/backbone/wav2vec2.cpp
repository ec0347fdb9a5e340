#include "backbone/wav2vec2.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include "backbone/padding.h"
#include "core/error.h"
#include "nn/dropout.h"
#include "nn/positional_conv.h"
#include "nn/recompute.h"
#include "nn/spec_augment.h"

namespace sure {

namespace {

constexpr int64_t kMinTimeSpans = 2;  // transformers' mask_time_min_masks

ConvFrontEndOptions front_end_options(const BackboneConfig& c) {
  return {
      c.conv_dim, c.conv_kernel, c.conv_stride, c.conv_bias, c.feat_extract_norm == "layer", c.feat_extract_activation};
}

std::unique_ptr<const Positions> positional_conv(const BackboneConfig& c, const Scope& scope) {
  return std::make_unique<PositionalConv>(
      scope, PositionalConvOptions{c.hidden_size, c.num_conv_pos_embeddings, c.num_conv_pos_embedding_groups,
                                   c.conv_pos_batch_norm, c.feat_extract_activation});
}

EncoderLayerOptions layer_options(const BackboneConfig& c) {
  EncoderLayerOptions options;
  options.hidden_size = c.hidden_size;
  options.heads = c.num_attention_heads;
  options.intermediate_size = c.intermediate_size;
  options.activation = c.hidden_act;
  options.layer_norm_eps = c.layer_norm_eps;
  options.pre_norm = c.do_stable_layer_norm;
  options.hidden_dropout = c.hidden_dropout;
  options.attention_dropout = c.attention_dropout;
  options.activation_dropout = c.activation_dropout;
  options.attention_adapter_size = c.adapter_attn_dim;
  return options;
}

std::optional<Tensor> masked_embedding(const BackboneConfig& c, const Scope& scope) {
  // A checkpoint may lack it: nothing masks before it is trained to.
  if ((c.mask_time_prob <= 0 && c.mask_feature_prob <= 0) || !scope.has("masked_spec_embed")) return std::nullopt;
  return scope.parameter("masked_spec_embed", {c.hidden_size}, init::uniform(1));
}

std::optional<LayerNorm> projection_norm(const BackboneConfig& c, const Scope& scope) {
  if (!c.feat_proj_layer_norm) return std::nullopt;
  return LayerNorm(scope, c.conv_dim.back(), c.layer_norm_eps);
}

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

Wav2Vec2::Wav2Vec2(const BackboneConfig& config, const Scope& root, Wav2Vec2Parts parts)
    : masked_spec_embed_(masked_embedding(config, root)),
      front_end_(root / "feature_extractor", front_end_options(config)),
      projection_norm_(projection_norm(config, root / "feature_projection" / "layer_norm")),
      projection_(
          default_linear(root / "feature_projection" / "projection", config.conv_dim.back(), config.hidden_size)),
      positions_(parts.positions ? std::move(parts.positions)
                                 : positional_conv(config, root / "encoder" / "pos_conv_embed")),
      encoder_norm_(root / "encoder" / "layer_norm", config.hidden_size, config.layer_norm_eps),
      keeps_first_layer_(parts.relative_positions != nullptr) {
  config_ = config;
  EncoderLayerOptions options = layer_options(config);
  options.relative_positions = parts.relative_positions;
  for (int64_t i = 0; i < config.num_hidden_layers; ++i) {
    layers_.emplace_back(root / "encoder" / "layers" / i, options);
  }
}

Tensor Wav2Vec2::project(const Tensor& features, const Pass& pass) const {
  const Tensor x = projection_norm_ ? projection_norm_->forward(features) : features;
  return drop_out(projection_.forward(x), config_.feat_proj_dropout, pass.training);
}

/// The embedding of masked frames, or silence for a checkpoint without one.
Tensor Wav2Vec2::mask_frames(const Tensor& x, const Tensor& mask) const {
  const Tensor fill = masked_spec_embed_ ? masked_spec_embed_->to(x.scalar_type()) : x.new_zeros({x.size(2)});
  return at::where(mask.to(x.device()).unsqueeze(2), fill, x);
}

Tensor Wav2Vec2::augment(const Tensor& features, const SpecAugmentOptions& options, const Pass& pass) const {
  Tensor x = features;
  if (options.mask_time_prob > 0) {
    const Tensor lengths = pass.frame_mask.defined() ? pass.frame_mask.sum(1).cpu() : Tensor();
    const Tensor spans =
        random_spans(x.size(0), x.size(1), options.mask_time_prob, options.mask_time_length, kMinTimeSpans, lengths);
    x = mask_frames(x, spans);
  }
  if (options.mask_feature_prob > 0) {
    const Tensor spans =
        random_spans(x.size(0), x.size(2), options.mask_feature_prob, options.mask_feature_length, 0, {});
    x = x.masked_fill(spans.to(x.device()).unsqueeze(1), 0);
  }
  return x;
}

Tensor Wav2Vec2::encoder_input(Tensor x, bool exact_padding, const Pass& pass) const {
  if (pass.frame_mask.defined()) x = x.masked_fill(pass.frame_mask.logical_not().unsqueeze(2), 0);
  const Tensor positions = positions_->forward(x, exact_padding ? pass.frame_mask : Tensor());
  return config_.do_stable_layer_norm ? x + positions : encoder_norm_.forward_sum(x, positions, 0, false).normed;
}

Tensor Wav2Vec2::run_layer(int64_t index, const Tensor& x, const BackboneInput& input, const Pass& pass) const {
  const EncoderLayer& layer = layers_[static_cast<size_t>(index)];
  const bool may_skip = index > 0 || !keeps_first_layer_;
  if (pass.training && may_skip && config_.layerdrop > 0 && at::rand({}).item<double>() < config_.layerdrop) return x;
  if (!input.gradient_checkpointing) return layer.forward(x, pass);
  return recompute_in_backward([&layer, pass](const Tensor& h) { return layer.forward(h, pass); }, x);
}

/// The input of the encoder, or of the first layer above the frozen ones where only the last layer's output is wanted:
/// [B, T, D]. No dropout of its own.
Tensor Wav2Vec2::frozen_part(const BackboneInput& input, const Pass& pass, Tensor& front_end) const {
  Pass below = pass;
  below.training = pass.training && input.frozen_layers == 0;
  front_end = front_end_.forward(input.audio, input.dtype, input.lengths, input.exact_padding, input.whole, below);
  Tensor x = project(front_end, below);
  if (input.time_mask.defined()) x = mask_frames(x, input.time_mask);
  if (pass.training) x = augment(x, input.spec_augment, pass);
  x = encoder_input(x, input.exact_padding, below);
  for (int64_t i = 0; i < first_layer(input); ++i) x = layers_[static_cast<size_t>(i)].forward(x, below);
  return x;
}

/// The same, computed for the clips that the cache does not hold yet; each alone, since the last bits depend on what a
/// clip is batched with, and a resumed run meets it in another batch.
Tensor Wav2Vec2::cached_part(const BackboneInput& input, const Pass& pass) const {
  const at::NoGradGuard no_gradients;
  const int64_t clips = input.audio.size(0), frames = config_.frames(input.audio.size(1));
  const Tensor x = at::zeros({clips, frames, config_.hidden_size}, input.audio.options().dtype(input.dtype));
  for (int64_t b = 0; b < clips; ++b) {
    const int64_t samples = input.lengths.defined() ? input.lengths[b].item<int64_t>() : input.audio.size(1);
    const std::string key = cache_key(input.cache_key, input.audio[b].narrow(0, 0, samples));
    Tensor clip = input.cache->find(key);
    if (!clip.defined()) {
      clip = frozen_part_of_clip(input, b, pass);
      input.cache->store(key, clip);
    }
    x[b].narrow(0, 0, clip.size(0)).copy_(clip);
  }
  return x;
}

/// Row `clip` of the frozen part: [T, D], where there are lengths without padding.
Tensor Wav2Vec2::frozen_part_of_clip(const BackboneInput& input, int64_t clip, const Pass& pass) const {
  BackboneInput alone = input;
  Pass local = pass;
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

HiddenStates Wav2Vec2::forward(const BackboneInput& input, Pass pass) const {
  check_lengths(config_, input);
  pass.frame_mask =
      mask_of_lengths(frame_lengths(config_, input.lengths), config_.frames(input.audio.size(1)), input.audio);
  HiddenStates states{{}, pass.frame_mask, {}};
  Tensor x = input.cache == nullptr ? frozen_part(input, pass, states.front_end) : cached_part(input, pass);
  if (input.frozen_layers == 0) x = drop_out(x, config_.hidden_dropout, pass.training);
  for (int64_t i = first_layer(input); i < config_.num_hidden_layers; ++i) {
    if (input.all_layers) states.layers.push_back(x);
    Pass local = pass;
    local.training = pass.training && i >= input.frozen_layers;
    x = run_layer(i, x, input, local);
  }
  states.without_norm = x;
  states.layers.push_back(config_.do_stable_layer_norm ? encoder_norm_.forward(x) : x);
  return states;
}

AdapterSites Wav2Vec2::sites() {
  AdapterSites sites;
  sites.hidden_size = config_.hidden_size;
  for (EncoderLayer& layer : layers_) {
    sites.layers.push_back(layer.sites());
    sites.layers.back().index = static_cast<int64_t>(sites.layers.size()) - 1;
  }
  sites.projections["feature_projection.projection"] = projection_.site();
  sites.front_end = front_end_.sites();
  return sites;
}

void Wav2Vec2::quantise() {
  for (EncoderLayer& layer : layers_) layer.quantise();
}

std::unique_ptr<Backbone> build_wav2vec2(const BackboneConfig& config, ParameterSource& source) {
  return build_wav2vec2(config, source, [](const Scope&) { return Wav2Vec2Parts(); });
}

std::unique_ptr<Backbone> build_wav2vec2(const BackboneConfig& config, ParameterSource& source,
                                         const MakeWav2Vec2Parts& make_parts) {
  ParameterList parameters;
  const Scope root(source, parameters);
  auto backbone = std::make_unique<Wav2Vec2>(config, root, make_parts(root));
  backbone->parameters() = std::move(parameters);
  return backbone;
}

}  // namespace sure
