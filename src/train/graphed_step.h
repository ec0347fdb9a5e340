// A training step's forward and backward pass as one launch on a GPU.
#pragma once

#include <memory>
#include <vector>

#include "core/gpu_graph.h"
#include "model/adapted_model.h"

namespace sure {

/// Of a batch, with gradients recorded.
LossValue training_loss(const AdaptedModel& model, const Batch& batch);

class GraphedStep {
 public:
  /// The model must outlive it.
  explicit GraphedStep(const AdaptedModel& model) : model_(model) {}

  /// The mean loss of the batch, a scalar on the GPU; what trains has its gradients afterwards, and no others. The
  /// first batch is recorded, which takes a few steps' time. Throws Error for a batch of another shape than the first.
  Tensor run(const Batch& batch);

  /// Whether `batch` has the shape of the recorded one, or nothing is recorded yet.
  bool fits(const Batch& batch) const;

 private:
  void record(const Batch& batch);

  const AdaptedModel& model_;
  Batch input_;  // on the GPU, where the graph reads it
  Tensor loss_;
  std::vector<Tensor> gradients_;  // of what trains, where the graph writes them
  std::unique_ptr<GpuGraph> graph_;
};

}  // namespace sure
