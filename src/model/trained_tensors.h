// What trains of a model and what its adapters make of the rest: shared by all kinds of adapted models.
#pragma once

#include "nn/adapter_set.h"
#include "nn/parameters.h"

namespace sure {

/// Begins the names of a model's own tensors where they train.
inline constexpr std::string_view kBackbonePrefix = "backbone.";

/// Puts those of the model's own tensors that train into their places, from a saved adapter.
void restore_trained_backbone(const ParameterList& trained, ParameterSource& source);

/// Moves what trains to a device, fp32, each tensor a copy: it may lie in a read-only mapping.
void place_trained(ParameterList& trained, at::Device device);

/// The model's tensors, fp32, with what adapts its linear layers merged into them.
ParameterList merged_parameters(const ParameterList& parameters, const SiteList& sites, const AdapterSet& adapters);

/// Scalars of the model and of what stands beside it.
int64_t total_parameters(const ParameterList& parameters, const ParameterList& trained);

}  // namespace sure
