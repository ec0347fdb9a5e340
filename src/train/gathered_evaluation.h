// What the processes of a run find in their shares of an evaluation, put together.
#pragma once

#include <vector>

#include "core/world.h"
#include "tasks/objective.h"

namespace sure {

/// The numbers of the batches, of `count`, that a rank evaluates.
std::vector<size_t> batches_of(int64_t rank, size_t count, const World& world);

/// Of one batch.
struct BatchOutcome {
  double loss = 0;      // summed over its clips
  int64_t skipped = 0;  // clips without a share in it
};

/// Fills `predictions` and `outcomes` with what the other processes have there: of both, rank r filled in those of
/// every batch whose number is r modulo the processes. `plan`: each batch's indices into `predictions`.
void gather_evaluation(const std::vector<std::vector<size_t>>& plan, std::vector<Prediction>& predictions,
                       std::vector<BatchOutcome>& outcomes, World& world);

}  // namespace sure
