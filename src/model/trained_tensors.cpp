#include "model/trained_tensors.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <iterator>
#include <map>

namespace sure {

// Layers hold handles to the same tensors, hence set_data.
void restore_trained_backbone(const ParameterList& trained, ParameterSource& source) {
  for (const NamedTensor& parameter : trained) {
    if (!parameter.name.starts_with(kBackbonePrefix)) continue;
    Tensor value = parameter.value;
    value.set_data(source.get(parameter.name, value.sizes(), init::zeros()));
  }
}

void place_trained(ParameterList& trained, at::Device device) {
  const at::NoGradGuard no_gradients;
  for (NamedTensor& parameter : trained) {
    Tensor& value = parameter.value;
    value.set_data(value.to(device, at::kFloat, /*non_blocking=*/false, /*copy=*/true));
    value.set_requires_grad(true);
  }
}

ParameterList merged_parameters(const ParameterList& parameters, const SiteList& sites, const AdapterSet& adapters) {
  const at::NoGradGuard no_gradients;
  ParameterList merged = parameters;
  std::map<std::string, Tensor*> by_name;
  for (NamedTensor& parameter : merged) {
    parameter.value = parameter.value.detach().to(at::kFloat);
    by_name[parameter.name] = &parameter.value;
  }
  for (const Site& site : sites) {
    const ProjectionAdapter* adapter = adapters.projection(site.id);
    if (adapter == nullptr) continue;
    Tensor no_bias;
    const auto bias = by_name.find(site.name + ".bias");
    adapter->merge(*by_name.at(site.name + ".weight"), bias == by_name.end() ? no_bias : *bias->second);
  }
  return merged;
}

int64_t total_parameters(const ParameterList& parameters, const ParameterList& trained) {
  ParameterList all = parameters;
  std::copy_if(trained.begin(), trained.end(), std::back_inserter(all),
               [](const NamedTensor& parameter) { return !parameter.name.starts_with(kBackbonePrefix); });
  return count_parameters(all);
}

}  // namespace sure
