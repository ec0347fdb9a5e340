// Batches of clips of like length, filled up to a number of samples: padding stays small, and so does the difference
// in memory and time between batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sure {

/// The batches of one epoch, as indices into `samples` (the length of each clip). A batch's longest clip times its
/// clips is at most `batch_samples`; a longer clip makes a batch of its own. `seed` draws the order of the batches and
/// which clips of like length (within 4 %) meet; the number of batches and their sizes do not depend on it. The batch
/// with the longest clip comes first, so that memory runs out at once or never. Throws a usage Error for
/// `batch_samples` < 1.
std::vector<std::vector<size_t>> bucketed_batches(const std::vector<int64_t>& samples, int64_t batch_samples,
                                                  uint64_t seed);

}  // namespace sure
