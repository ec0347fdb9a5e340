#include "model/mixed_batch.h"

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
    input.all_layers |= model->head().needs_all_layers();
    input.gradient_checkpointing |= training && model->spec().model.gradient_checkpointing;
    input.frozen_layers = std::min(input.frozen_layers, model->frozen_layers());
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
  std::vector<MixedOutput> outputs;
  for (const BatchAdapters::Group& group : context.adapters->groups()) {  // each model has a set of its own
    const Tensor numbers = group.rows.cpu();
    const auto* first_row = numbers.const_data_ptr<int64_t>();
    const AdaptedModel* model = of_rows[static_cast<size_t>(*first_row)];
    outputs.push_back({model,
                       {first_row, first_row + numbers.numel()},
                       model->head().forward(rows_of(states, group.rows), training)});
  }
  return outputs;
}

}  // namespace sure
