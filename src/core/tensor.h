// The one place that says which part of libtorch the library sees: tensors and autograd, not torch::nn.
#pragma once

#include <torch/types.h>

namespace sure {

using torch::Tensor;

}  // namespace sure
