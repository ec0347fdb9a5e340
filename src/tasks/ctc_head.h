// One score per frame and token: [weighted sum of all layers] -> dropout -> lm_head, as transformers' Wav2Vec2ForCTC;
// [B, T, D] -> [B, T, V].
#pragma once

#include <cstdint>
#include <memory>

#include "nn/parameters.h"
#include "tasks/head.h"

namespace sure {

/// Parameters: lm_head.{weight [V, D], bias [V]}, layer_weights [L + 1]. The dropout is the config's final_dropout.
std::unique_ptr<Head> make_ctc_head(const HeadOptions& options, const BackboneConfig& config, int64_t outputs,
                                    const Scope& scope);

}  // namespace sure
