#include "pretrain/masked_model.h"

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/mm.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "nn/spec_augment.h"

namespace sure {

namespace {

constexpr double kTemperature = 0.1;
constexpr double kNormEpsilon = 1e-8;  // torch.cosine_similarity's
constexpr int64_t kFewestSpans = 2;    // fairseq's min_masks

Tensor to_unit_length(const Tensor& rows) {
  return rows / at::linalg_vector_norm(rows, 2, at::IntArrayRef{1}, /*keepdim=*/true).clamp_min(kNormEpsilon);
}

std::unique_ptr<Backbone> build(const BackboneConfig& config, const std::string& start, uint64_t seed) {
  if (start.empty()) return build_backbone(config, *seeded_source(seed));
  ListSource source(load_backbone(start).backbone->parameters(), start);
  return build_backbone(config, source);
}

Tensor true_rows(const Tensor& mask) { return mask.flatten().nonzero().flatten(); }

/// Logits of some of the frames, and their targets.
struct Predictions {
  Tensor logits;   // fp32 [N, K]
  Tensor targets;  // int64 [N]

  int64_t count() const { return targets.size(0); }
  /// 0 where there are none.
  Tensor cross_entropy() const {
    const Tensor sum = at::cross_entropy_loss(logits, targets, {}, at::Reduction::Sum);
    return sum / static_cast<double>(std::max<int64_t>(count(), 1));
  }
  int64_t correct() const { return logits.argmax(1).eq(targets).sum().item<int64_t>(); }
};

Predictions predict(const ClusterHead& head, const Tensor& hidden, const Tensor& targets, const Tensor& frames) {
  const Tensor rows = true_rows(frames);
  return {head.forward(hidden.flatten(0, 1).index_select(0, rows)), targets.flatten().index_select(0, rows)};
}

}  // namespace

ClusterHead::ClusterHead(const Scope& scope, int64_t hidden_size, int64_t final_dim, int64_t clusters)
    : projection_(default_linear(scope / "final_proj", hidden_size, final_dim)),
      embeddings_(scope.parameter("label_embs", {clusters, final_dim}, init::uniform(1))) {}

Tensor ClusterHead::forward(const Tensor& hidden) const {
  const Tensor projected = to_unit_length(projection_.forward(hidden.to(at::kFloat)));
  return at::mm(projected, to_unit_length(embeddings_).t()) / kTemperature;
}

MaskedModel::MaskedModel(const BackboneConfig& config, const ObjectiveOptions& options, int64_t clusters,
                         int64_t labels, uint64_t seed, const std::string& start, at::Device device)
    : options_(options), backbone_(build(config, start, seed)), device_(device) {
  const auto source = seeded_source(seed);
  for (const NamedTensor& parameter : backbone_->parameters()) {
    parameters_.push_back({"backbone." + parameter.name, parameter.value});
  }
  head_ = std::make_unique<ClusterHead>(Scope(*source, parameters_, "head"), config.hidden_size, options.final_dim,
                                        clusters);
  if (labels > 0) {
    label_head_ = std::make_unique<ClusterHead>(Scope(*source, parameters_, "label_head"), config.hidden_size,
                                                options.final_dim, labels);
  }
  place(device);
}

// Layers hold handles to the same tensors, hence set_data. They are copied: they may lie in a read-only mapping.
void MaskedModel::place(at::Device device) {
  const at::NoGradGuard no_gradients;
  for (NamedTensor& parameter : parameters_) {
    Tensor& value = parameter.value;
    value.set_data(value.to(device, at::kFloat, /*non_blocking=*/false, /*copy=*/true));
    value.set_requires_grad(true);
  }
}

Tensor MaskedModel::draw_mask(const Batch& batch) const {
  const Tensor frames = batch.targets.ne(kNoTarget).sum(1);
  const double share = options_.mask_prob * static_cast<double>(options_.mask_length);
  return random_spans(batch.targets.size(0), batch.targets.size(1), share, options_.mask_length, kFewestSpans, frames);
}

/// Of real audio only: what a clip costs does not depend on the clips that it is padded for.
Tensor MaskedModel::feature_penalty(const HiddenStates& states) const {
  const Tensor squares = states.front_end.to(at::kFloat).square().mean(2);
  return (squares * states.frame_mask).sum() / states.frame_mask.sum();
}

MaskedLoss MaskedModel::loss(const Batch& batch, const Tensor& mask, at::ScalarType dtype, bool training) const {
  const c10::AutoGradMode gradients(training);
  BackboneInput input;
  input.audio = batch.audio.to(device_);
  input.lengths = batch.lengths;
  input.time_mask = mask;
  input.dtype = dtype;
  const HiddenStates states = backbone_->forward(input, Pass{training, {}});

  const Tensor targets = batch.targets.to(device_), there = targets.ne(kNoTarget), masked = mask.to(device_);
  const Predictions hidden = predict(*head_, states.layers.back(), targets, there.logical_and(masked));
  const Tensor cross_entropy = hidden.cross_entropy();
  const Tensor penalty = feature_penalty(states);
  MaskedLoss loss;
  loss.masked = hidden.count();
  loss.total = cross_entropy + options_.feature_penalty * penalty;
  if (options_.unmasked_weight > 0) {
    const Predictions seen = predict(*head_, states.layers.back(), targets, there.logical_and(masked.logical_not()));
    loss.total = loss.total + options_.unmasked_weight * seen.cross_entropy();
  }
  if (label_head_) {
    const Tensor labels = batch.frame_labels.to(device_);
    const Predictions told = predict(*label_head_, states.layers.back(), labels, labels.ne(kNoTarget));
    const Tensor label_loss = told.cross_entropy();
    loss.labelled = told.count();
    loss.total = loss.total + options_.label_weight * label_loss;
    loss.label_cross_entropy = label_loss.item<double>();
    loss.label_correct = told.correct();
  }
  loss.cross_entropy = cross_entropy.item<double>();
  loss.penalty = penalty.item<double>();
  loss.correct = hidden.correct();
  return loss;
}

}  // namespace sure
