// The CTC head that a fine-tuned checkpoint brings along.
#pragma once

#include "backbone/backbone.h"
#include "model/adapted_model.h"

namespace sure {

/// "head.lm_head.weight" and "head.lm_head.bias" of the checkpoint, for a task of transcripts whose tokens are exactly
/// those of the model folder's tokenizer (in a file of many languages, `spec.target.language`'s); else empty.
ParameterList checkpoint_head(const ModelSpec& spec, const LoadedBackbone& base);

}  // namespace sure
