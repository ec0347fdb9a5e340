// Which clips meet in a batch, epoch by epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "data/dataset.h"
#include "train/observer.h"
#include "train/run_config.h"

namespace sure {

class EpochBatches {
 public:
  /// By the options: batches of a number of clips, shuffled or (group_by_length) of like file size; or, with
  /// batch_seconds, as many clips of like length as fill those seconds, padding included. There `max_samples` > 0 cuts
  /// clips, slowed ones (speed_perturbation) count at their longest, and the lengths come from the data set's index.
  /// `processes` make each batch so many times as large. `observer` is told what a person should know. Throws Error
  /// naming a clip that cannot be read.
  EpochBatches(const std::vector<Example>& examples, const RunConfig& config, int64_t max_samples,
               TrainObserver& observer, int64_t processes = 1);

  /// Indices into the examples, each once. The seed does not change the number of batches.
  std::vector<std::vector<size_t>> draw(uint64_t seed) const;

 private:
  size_t examples_;
  int64_t batch_size_;
  int64_t batch_samples_;         // 0: batch_size_ counts
  std::vector<int64_t> lengths_;  // samples with batch_seconds, bytes with group_by_length, else none
};

}  // namespace sure
