#include "model/mixed_batch.h"

#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "core/error.h"

namespace sure {

namespace {

void check(const std::vector<const AdaptedModel*>& of_rows, const Batch& batch) {
  if (batch.audio.size(0) != static_cast<int64_t>(of_rows.size())) {
    fail("{} clips, but models for {}", batch.audio.size(0), of_rows.size());
  }
  const AdaptedModel& first = *of_rows.front();
  for (const AdaptedModel* model : of_rows) {
    if (&model->backbone() != &first.backbone()) {
      fail_usage("adapters of one batch need one encoder in memory: load them beside each other");
    }
    if (model->spec().model.padding != first.spec().model.padding) {
      fail_usage("adapters of one batch need one --padding: {} and {}", name_of(*first.spec().model.padding),
                 name_of(*model->spec().model.padding));
    }
  }
}

/// The input that serves them all.
BackboneInput joint_input(const std::vector<const AdaptedModel*>& of_rows, const Batch& batch, bool training) {
  BackboneInput input = of_rows.front()->encoder_input(batch, training);
  for (const AdaptedModel* model : of_rows) {
    const BackboneInput own = model->encoder_input(batch, training);
    input.all_layers |= own.all_layers;
    input.gradient_checkpointing |= own.gradient_checkpointing;
    input.frozen_layers = std::min(input.frozen_layers, own.frozen_layers);
  }
  return input;
}

HiddenStates rows_of(const HiddenStates& states, const Tensor& rows) {
  const auto select = [&](const Tensor& x) { return x.defined() ? x.index_select(0, rows) : x; };
  HiddenStates part;
  for (const Tensor& layer : states.layers) part.layers.push_back(select(layer));
  part.frame_mask = select(states.frame_mask);
  part.front_end = select(states.front_end);
  part.without_norm = select(states.without_norm);
  return part;
}

std::vector<MixedOutput> group_rows(const std::vector<const AdaptedModel*>& of_rows) {
  std::vector<MixedOutput> groups;
  for (size_t row = 0; row < of_rows.size(); ++row) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.model == of_rows[row]; });
    if (group == groups.end()) group = groups.insert(group, {of_rows[row], {}, {}});
    group->rows.push_back(static_cast<int64_t>(row));
  }
  return groups;
}

}  // namespace

std::vector<MixedOutput> forward_mixed(const std::vector<const AdaptedModel*>& of_rows, const Batch& batch,
                                       bool training) {
  if (of_rows.empty()) return {};
  check(of_rows, batch);
  const c10::AutoGradMode gradients(training);
  const AdaptedModel& first = *of_rows.front();
  std::vector<std::shared_ptr<const AdapterSet>> adapters;
  for (const AdaptedModel* model : of_rows) adapters.push_back(model->adapters());
  const ForwardContext context{training, {}, std::make_shared<BatchAdapters>(adapters, first.device())};
  const HiddenStates states = first.backbone().forward(joint_input(of_rows, batch, training), context);
  std::vector<MixedOutput> outputs = group_rows(of_rows);
  for (MixedOutput& group : outputs) {
    const Tensor rows = at::tensor(group.rows).to(first.device());
    group.output = group.model->head().forward(rows_of(states, rows), training);
  }
  return outputs;
}

}  // namespace sure
