// The batches of a plan, of which each process of a run reads its own rows.
#pragma once

#include <functional>
#include <vector>

#include "core/world.h"
#include "data/batch.h"

namespace sure {

/// Batches as numbers of clips.
using Batches = std::vector<std::vector<size_t>>;

class SharedBatches {
 public:
  /// `load` reads clips, on a thread of its own.
  SharedBatches(Batches plan, std::function<Batch(const std::vector<size_t>&)> load, World& world);

  /// This process's rows of the plan's next batch, as long as the whole batch's longest clip; of several processes,
  /// with `whole`. False: it has none. All processes must call it alike, and not after the last batch.
  bool next(Batch& batch);

  /// Waited for reading so far.
  double seconds() const { return seconds_; }

 private:
  World& world_;
  Batches plan_;
  size_t next_ = 0;
  double seconds_ = 0;
  Prefetcher prefetcher_;
};

}  // namespace sure
