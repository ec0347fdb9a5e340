#include "tuning/language_adapter.h"

#include <algorithm>

namespace sure {

namespace {

bool is_attention_adapter(const NamedTensor& parameter) {
  return parameter.name.find(".adapter_layer.") != std::string::npos;
}

}  // namespace

bool has_attention_adapters(const ParameterList& backbone) {
  return std::any_of(backbone.begin(), backbone.end(), is_attention_adapter);
}

void apply_language_adapter(const TuningOptions&, AdapterSites&, ParameterList& backbone, const Scope&) {
  for (NamedTensor& parameter : backbone) {
    if (is_attention_adapter(parameter)) parameter.value.requires_grad_(true);
  }
}

}  // namespace sure
