// The parts of an encoder by the canonical names of their tensors: "feature_extractor.…", "feature_projection.…",
// "encoder.layers.N.…" and the rest of "encoder.…".
#pragma once

#include <string_view>

namespace sure {

enum class EncoderPart { kFrontEnd, kProjection, kLayer, kOther };

EncoderPart part_of(std::string_view name);

/// Whether the tensor belongs to the adapter that MMS's checkpoints bring along in every layer (AttentionAdapter).
bool is_of_attention_adapter(std::string_view name);

}  // namespace sure
