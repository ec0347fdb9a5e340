#include "pretrain/masked_model.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/scalar_tensor.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <optional>
#include <span>

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

/// Frames of a kind, over all processes' rows.
struct FrameCounts {
  int64_t masked = 0;
  int64_t seen = 0;
  int64_t labelled = 0;
};

/// Of a batch of which other processes have rows too, masked as `mask` says; none of a batch that is whole.
std::optional<FrameCounts> count_frames(const Batch& batch, const Tensor& mask, const Tensor& frames) {
  if (!batch.whole) return std::nullopt;
  const auto masked = mask.sum().item<int64_t>();
  return FrameCounts{masked, frames.sum().item<int64_t>() - masked, batch.whole->labelled};
}

/// Logits of some of the frames, and their targets.
struct Predictions {
  Tensor logits;   // fp32 [N, K]
  Tensor targets;  // int64 [N]
  int64_t count;   // of such frames, those of other processes too

  /// Their share of the mean over all such frames; 0 where there are none.
  Tensor cross_entropy() const {
    const Tensor sum = at::cross_entropy_loss(logits, targets, {}, at::Reduction::Sum);
    return sum / static_cast<double>(std::max<int64_t>(count, 1));
  }
  int64_t correct() const { return logits.argmax(1).eq(targets).sum().item<int64_t>(); }
};

/// `count`: none where all such frames are here.
Predictions predict(const ClusterHead& head, const Tensor& hidden, const Tensor& targets, const Tensor& frames,
                    std::optional<int64_t> count) {
  const Tensor rows = true_rows(frames);
  return {head.forward(hidden.flatten(0, 1).index_select(0, rows)), targets.flatten().index_select(0, rows),
          count.value_or(rows.size(0))};
}

/// [B, L] -> [B, T].
Tensor pad_targets(const Tensor& targets, int64_t frames) {
  return at::constant_pad_nd(targets, {0, frames - targets.size(1)}, kNoTarget);
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

/// Of each row of all processes, int64 [rows].
Tensor MaskedModel::frames_of(const Batch& batch) const {
  Tensor frames = (batch.whole ? batch.whole->lengths : batch.lengths).clone();
  for (int64_t& row : std::span(frames.mutable_data_ptr<int64_t>(), static_cast<size_t>(frames.numel()))) {
    row = backbone_->config().frames(row);
  }
  return frames;
}

Tensor MaskedModel::draw_mask(const Batch& batch) const {
  const Tensor frames = frames_of(batch);
  const double share = options_.mask_prob * static_cast<double>(options_.mask_length);
  return random_spans(frames.size(0), frames.max().item<int64_t>(), share, options_.mask_length, kFewestSpans, frames);
}

MaskedLoss MaskedModel::loss(const Batch& batch, const Tensor& mask, at::ScalarType dtype, bool training) const {
  const c10::AutoGradMode gradients(training);
  const std::optional<FrameCounts> all = count_frames(batch, mask, frames_of(batch));
  BackboneInput input;
  input.audio = batch.audio.to(device_);
  input.lengths = batch.lengths;
  input.time_mask = batch.whole ? mask.narrow(0, batch.whole->first_row, batch.audio.size(0)) : mask;
  input.dtype = dtype;
  const HiddenStates states = backbone_->forward(input, {.training = training});

  const Tensor targets = pad_targets(batch.targets.to(device_), mask.size(1)), there = targets.ne(kNoTarget);
  const Tensor masked = input.time_mask.to(device_);
  const auto among = [&](int64_t FrameCounts::* kind) { return all ? std::optional((*all).*kind) : std::nullopt; };
  const Predictions hidden =
      predict(*head_, states.layers.back(), targets, there.logical_and(masked), among(&FrameCounts::masked));
  const Tensor cross_entropy = hidden.cross_entropy();
  // Of real audio only: what a clip costs does not depend on the clips that it is padded for.
  const Tensor squares = states.front_end.to(at::kFloat).square().mean(2);
  const Tensor frames = all ? at::scalar_tensor(all->masked + all->seen, at::kLong) : states.frame_mask.sum();
  const Tensor penalty = (squares * states.frame_mask).sum() / frames;
  MaskedLoss loss;
  loss.masked = hidden.count;
  loss.total = cross_entropy + options_.feature_penalty * penalty;
  if (options_.unmasked_weight > 0) {
    const Predictions seen = predict(*head_, states.layers.back(), targets, there.logical_and(masked.logical_not()),
                                     among(&FrameCounts::seen));
    loss.total = loss.total + options_.unmasked_weight * seen.cross_entropy();
  }
  if (label_head_) {
    const Tensor labels = pad_targets(batch.frame_labels.to(device_), mask.size(1));
    const Predictions told =
        predict(*label_head_, states.layers.back(), labels, labels.ne(kNoTarget), among(&FrameCounts::labelled));
    const Tensor label_loss = told.cross_entropy();
    loss.labelled = told.count;
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
