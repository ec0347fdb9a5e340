// Activation functions by the names that Hugging Face configs use.
#pragma once

#include <string>

#include "core/tensor.h"

namespace sure {

using Activation = Tensor (*)(const Tensor& x);

/// "gelu" (exact), "gelu_new" (tanh form), "relu", "silu", "swish". Throws a usage Error that lists them.
Activation find_activation(const std::string& name);

/// Whether it is the exact "gelu", which the fused operations know.
bool is_gelu(Activation activation);

}  // namespace sure
