// The one place that says which part of libtorch the library sees: tensors and autograd, not torch::nn.
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

namespace sure {

using at::Tensor;

}  // namespace sure
