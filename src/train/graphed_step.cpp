#include "train/graphed_step.h"

#include "core/error.h"

namespace sure {

LossValue training_loss(const AdaptedModel& model, const Batch& batch) {
  const HeadOutput output = model.forward(batch, /*training=*/true);
  return model.objective().loss(output, batch.targets.to(output.logits.device()));
}

bool GraphedStep::fits(const Batch& batch) const {
  return !graph_ || (batch.audio.sizes() == input_.audio.sizes() && batch.targets.sizes() == input_.targets.sizes());
}

Tensor GraphedStep::run(const Batch& batch) {
  if (!fits(batch)) fail("a batch of another shape than the one that was recorded");
  if (!graph_) record(batch);
  input_.audio.copy_(batch.audio);
  input_.targets.copy_(batch.targets);
  graph_->replay();
  const ParameterList& trained = model_.trained();
  for (size_t i = 0; i < trained.size(); ++i) trained[i].value.mutable_grad() = gradients_[i];
  return loss_;
}

void GraphedStep::record(const Batch& batch) {
  input_.audio = batch.audio.to(model_.device());
  input_.targets = batch.targets.to(model_.device());
  graph_ = record_gpu_graph([this] {
    for (const NamedTensor& parameter : model_.trained()) parameter.value.mutable_grad() = Tensor();
    loss_ = training_loss(model_, input_).mean;
    loss_.backward();
  });
  loss_ = loss_.detach();
  for (const NamedTensor& parameter : model_.trained()) gradients_.push_back(parameter.value.grad());
}

}  // namespace sure
