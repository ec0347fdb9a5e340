// One label per utterance: [weighted sum of all layers] -> projector -> mean over valid frames -> classifier, as
// transformers' Wav2Vec2ForSequenceClassification; [B, T, D] -> [B, C].
#pragma once

#include <cstdint>
#include <memory>

#include "tasks/task.h"

namespace sure {

/// The head, in fp32 whatever the hidden states are; projector and classifier start as torch.nn.Linear does.
std::unique_ptr<Head> make_sequence_classification_head(const HeadOptions& options, const BackboneConfig& config,
                                                        int64_t classes, const Scope& scope);

/// Cross-entropy of fp32 [B, C] logits with int64 [B] labels, mean over the batch.
Tensor classification_loss(const Tensor& logits, const Tensor& labels);

/// accuracy, f1 (weighted by the classes' true examples) and macro_f1, each in [0, 1].
Metrics classification_metrics(const Predictions& predictions);

}  // namespace sure
