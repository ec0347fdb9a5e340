// Are two clips of one speaker? Trained by telling the training speakers apart: AM-softmax (Wang et al. 2018) on the
// cosines of an x-vector head. Speakers of validation and test need not be among them.
#pragma once

#include <memory>
#include <vector>

#include "tasks/task.h"

namespace sure {

/// The training speakers, sorted.
Labels voice_labels(const Dataset& data, const TargetOptions& options);

/// Targets are speakers. The loss has margin 0.4 and scale 30; `skipped` counts clips of speakers unknown to training,
/// which may be all. A prediction is the embedding, of length 1. Metrics: eer and
/// min_dcf over the pairs of the chosen clips (see pair_clips).
std::unique_ptr<Objective> make_verification_objective(const Labels& speakers,
                                                       const std::optional<TokenRoles>& = std::nullopt);

/// fp32 [N, E].
Tensor stack_embeddings(const std::vector<Prediction>& predictions);

}  // namespace sure
