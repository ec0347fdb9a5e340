// Between the names of tensors in checkpoints and the canonical ones that layers, sites, adapters and reports go by.
#pragma once

#include <string>

#include "backbone/backbone.h"

namespace sure {

/// Whether a tensor of a checkpoint with a task head is of the encoder below it: "wav2vec2.encoder.…".
bool is_below_head(const BackboneKind& kind, const std::string& checkpoint_name);

/// "wav2vec2.encoder.layers.0.attention.q_proj.weight", or the same without the kind's prefix (a checkpoint without
/// task head) -> "encoder.layers.0.attention.q_proj.weight". Both of torch's spellings of a weight norm become the
/// older one.
std::string canonical_name(const BackboneKind& kind, const std::string& checkpoint_name);

/// The way back: as a checkpoint with a task head has it.
std::string checkpoint_name(const BackboneKind& kind, const std::string& canonical_name);

}  // namespace sure
