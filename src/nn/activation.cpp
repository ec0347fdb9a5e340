#include "nn/activation.h"

#include <ATen/ops/gelu.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>

#include <vector>

#include "core/registry.h"

namespace sure {

namespace {

struct NamedActivation {
  std::string name;
  Activation function;
};

Tensor exact_gelu(const Tensor& x) { return at::gelu(x); }

const std::vector<NamedActivation>& activations() {
  static const std::vector<NamedActivation> table = {
      {"gelu", exact_gelu},
      {"gelu_new", [](const Tensor& x) { return at::gelu(x, "tanh"); }},
      {"relu", [](const Tensor& x) { return at::relu(x); }},
      {"silu", [](const Tensor& x) { return at::silu(x); }},
      {"swish", [](const Tensor& x) { return at::silu(x); }},
  };
  return table;
}

}  // namespace

Activation find_activation(const std::string& name) { return find_row(activations(), name, "activation").function; }

bool is_gelu(Activation activation) { return activation == exact_gelu; }

}  // namespace sure
