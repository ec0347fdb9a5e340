// Several classes per clip, one of each group, all from one head: the action, object and location of a spoken command.
// Labels are "group:class" ("action:activate"), groups one after another; a target is "activate|lights|kitchen".
#pragma once

#include <memory>

#include "tasks/task.h"

namespace sure {

/// Throws Error for a target that has not three parts.
void prepare_intents(Dataset& data, const TargetOptions& options);

/// The sorted classes of each group in the training part. Throws Error for a held-out clip with another.
Labels intent_labels(const Dataset& data, const TargetOptions& options);

/// Loss: the groups' cross-entropies added. Metrics: accuracy (all groups right) and each group's own
/// (action_accuracy …).
std::unique_ptr<Objective> make_intent_objective(const Labels& labels, const std::optional<TokenRoles>& = std::nullopt);

}  // namespace sure
