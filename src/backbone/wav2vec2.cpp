#include "backbone/wav2vec2.h"

#include <ATen/ops/where.h>

#include "core/batch_rows.h"
#include "fused/residual.h"
#include "nn/positional_conv.h"
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

/// Of the rows of all processes, int64 [rows].
Tensor frames_of_all_rows(const BackboneConfig& config, const Tensor& mask_here) {
  if (rows_here().here == 0) return mask_here.sum(1).cpu();
  Tensor frames = rows_here().lengths.clone();
  for (int64_t row = 0; row < frames.size(0); ++row) frames[row] = config.frames(frames[row].item<int64_t>());
  return frames;
}

}  // namespace

Wav2Vec2::Wav2Vec2(const BackboneConfig& config, const Scope& root, Wav2Vec2Parts parts)
    : masked_spec_embed_(masked_embedding(config, root)),
      front_end_(root / "feature_extractor", front_end_options(config)),
      projection_norm_(projection_norm(config, root / "feature_projection" / "layer_norm")),
      projection_(
          default_linear(root / "feature_projection" / "projection", config.conv_dim.back(), config.hidden_size)),
      positions_(parts.positions ? std::move(parts.positions)
                                 : positional_conv(config, root / "encoder" / "pos_conv_embed")),
      encoder_norm_(root / "encoder" / "layer_norm", config.hidden_size, config.layer_norm_eps) {
  config_ = config;
  if (config.do_stable_layer_norm) output_norm_ = encoder_norm_;
  keeps_first_layer_ = parts.relative_positions != nullptr;
  EncoderLayerOptions options = layer_options(config);
  options.relative_positions = parts.relative_positions;
  for (int64_t i = 0; i < config.num_hidden_layers; ++i) {
    layers_.emplace_back(root / "encoder" / "layers" / i, options);
  }
}

Tensor Wav2Vec2::project(const Tensor& features, const ForwardContext& context) const {
  const Tensor x = projection_norm_ ? projection_norm_->forward(features) : features;
  return fused::dropout(projection_.forward(x, context), config_.feat_proj_dropout, context.training);
}

/// The embedding of masked frames, or silence for a checkpoint without one.
Tensor Wav2Vec2::mask_frames(const Tensor& x, const Tensor& mask) const {
  const Tensor fill = masked_spec_embed_ ? masked_spec_embed_->to(x.scalar_type()) : x.new_zeros({x.size(2)});
  return at::where(mask.to(x.device()).unsqueeze(2), fill, x);
}

Tensor Wav2Vec2::augment(const Tensor& features, const SpecAugmentOptions& options,
                         const ForwardContext& context) const {
  Tensor x = features;
  if (options.mask_time_prob > 0) {
    const Tensor lengths = context.frame_mask.defined() ? frames_of_all_rows(config_, context.frame_mask) : Tensor();
    const Tensor spans = random_spans_here(x.size(0), x.size(1), options.mask_time_prob, options.mask_time_length,
                                           kMinTimeSpans, lengths);
    x = mask_frames(x, spans);
  }
  if (options.mask_feature_prob > 0) {
    const Tensor spans =
        random_spans_here(x.size(0), x.size(2), options.mask_feature_prob, options.mask_feature_length, 0, {});
    x = x.masked_fill(spans.to(x.device()).unsqueeze(1), 0);
  }
  return x;
}

Tensor Wav2Vec2::encoder_input(Tensor x, bool exact_padding, const ForwardContext& context) const {
  if (context.frame_mask.defined()) x = x.masked_fill(context.frame_mask.logical_not().unsqueeze(2), 0);
  const Tensor positions = positions_->forward(x, exact_padding ? context.frame_mask : Tensor());
  return config_.do_stable_layer_norm ? x + positions : encoder_norm_.forward_sum(x, positions, 0, false).normed;
}

Tensor Wav2Vec2::embed(const BackboneInput& input, const ForwardContext& context, Tensor& front_end) const {
  ForwardContext below = context;
  below.training = context.training && input.frozen_layers == 0;
  front_end = front_end_.forward(input.audio, input.dtype, input.lengths, input.exact_padding, input.whole, below);
  Tensor x = project(front_end, below);
  if (input.time_mask.defined()) x = mask_frames(x, input.time_mask);
  if (context.training) x = augment(x, input.spec_augment, context);
  return encoder_input(x, input.exact_padding, below);
}

std::unique_ptr<Backbone> build_wav2vec2(const BackboneConfig& config, ParameterSource& source) {
  return build_wav2vec2(config, source, [](const Scope&) { return Wav2Vec2Parts(); });
}

std::unique_ptr<Backbone> build_wav2vec2(const BackboneConfig& config, ParameterSource& source,
                                         const MakeWav2Vec2Parts& make_parts) {
  ParameterList parameters;
  SiteList sites;
  const Scope root(source, parameters, "", &sites);
  auto backbone = std::make_unique<Wav2Vec2>(config, root, make_parts(root));
  backbone->own(std::move(parameters), std::move(sites));
  return backbone;
}

}  // namespace sure
