// A head with seeded weights whose tensors can be looked up, and hidden states to read.
#pragma once

#include <ATen/ops/randn.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "backbone/config.h"
#include "nn/parameters.h"
#include "tasks/head.h"

namespace sure::test {

/// As the rows of tasks() have it.
using MakeHead = std::unique_ptr<Head> (*)(const HeadOptions&, const BackboneConfig&, int64_t outputs, const Scope&);

struct BuiltHead {
  BuiltHead(MakeHead make, const BackboneConfig& config, int64_t outputs, const HeadOptions& options = {}) {
    const auto source = seeded_source(1);
    head = make(options, config, outputs, Scope(*source, parameters, "head"));
  }

  Tensor operator[](const std::string& name) const {
    for (const NamedTensor& parameter : parameters) {
      if (parameter.name == "head." + name) return parameter.value;
    }
    throw std::out_of_range(name);
  }

  ParameterList parameters;
  std::unique_ptr<Head> head;
};

/// Those of the encoder's input and of all its layers, each [batch, frames, hidden_size].
inline HiddenStates random_states(const BackboneConfig& config, int64_t batch, int64_t frames) {
  HiddenStates states;
  for (int64_t layer = 0; layer <= config.num_hidden_layers; ++layer) {
    states.layers.push_back(at::randn({batch, frames, config.hidden_size}));
  }
  return states;
}

inline HeadOptions weighted() {
  HeadOptions options;
  options.use_weighted_layer_sum = true;
  return options;
}

}  // namespace sure::test
