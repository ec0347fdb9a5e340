// MMS's way to adapt to a language (Pratap et al. 2023): of the backbone only the attention adapters train, which its
// checkpoint brings along.
#pragma once

#include "tuning/method.h"

namespace sure {

/// Whether the backbone was built with adapter_attn_dim.
bool has_attention_adapters(const ParameterList& backbone);

void apply_language_adapter(const TuningOptions& options, TuningTarget& target);

}  // namespace sure
