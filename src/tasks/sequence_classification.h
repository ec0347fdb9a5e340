// One vector per utterance: [weighted sum of all layers] -> projector -> mean over valid frames -> classifier, as
// transformers' Wav2Vec2ForSequenceClassification; [B, T, D] -> [B, C].
#pragma once

#include <cstdint>
#include <memory>

#include "nn/parameters.h"
#include "tasks/head.h"

namespace sure {

/// Parameters: projector.{weight,bias} [P, D], classifier.{weight,bias} [C, P], layer_weights [L + 1].
std::unique_ptr<Head> make_sequence_classification_head(const HeadOptions& options, const BackboneConfig& config,
                                                        int64_t outputs, const Scope& scope);

}  // namespace sure
