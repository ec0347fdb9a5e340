#include "tuning/language_adapter.h"

#include <algorithm>

#include "nn/encoder_part.h"

namespace sure {

namespace {

bool is_attention_adapter(const NamedTensor& parameter) { return is_of_attention_adapter(parameter.name); }

}  // namespace

bool has_attention_adapters(const ParameterList& backbone) {
  return std::any_of(backbone.begin(), backbone.end(), is_attention_adapter);
}

void apply_language_adapter(const TuningOptions&, TuningTarget& target) {
  for (NamedTensor& parameter : target.backbone) {
    if (is_attention_adapter(parameter)) parameter.value.requires_grad_(true);
  }
}

}  // namespace sure
