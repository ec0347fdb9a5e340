// Autograd for operations that compute their own gradients.
#pragma once

#include <functional>
#include <vector>

#include "core/tensor.h"

namespace sure::fused {

/// Whether an operation on these inputs has to keep what its backward pass needs.
bool needs_gradient(const std::vector<Tensor>& inputs);

/// Gradients of the outputs (undefined where nothing depends on one) -> gradients of the inputs, undefined where none
/// is needed.
using Backward = std::function<std::vector<Tensor>(const std::vector<Tensor>& gradients)>;

/// Puts an operation that computed `outputs` from `inputs` into the graph, and returns the outputs as part of it; the
/// same outputs where needs_gradient says no. `backward` runs once and is then dropped with all it holds.
std::vector<Tensor> record(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs, Backward backward);

}  // namespace sure::fused
