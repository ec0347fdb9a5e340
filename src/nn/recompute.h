// Gradient checkpointing (Chen et al. 2016): keep a layer's input, compute the layer again in the backward pass.
#pragma once

#include <functional>

#include "core/tensor.h"

namespace sure {

/// layer(x), where the backward pass runs `layer` a second time with the same random numbers instead of keeping what is
/// inside. Parameters used inside get their gradients as usual. `layer` must not change anything.
Tensor recompute_in_backward(const std::function<Tensor(const Tensor&)>& layer, const Tensor& x);

}  // namespace sure
