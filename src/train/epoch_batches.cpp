#include "train/epoch_batches.h"

#include <algorithm>
#include <cmath>

#include "audio/audio.h"
#include "data/batch.h"
#include "train/clip_lengths.h"

namespace sure {

namespace {

/// Samples of each clip as it comes into a batch, at the most.
std::vector<int64_t> batch_lengths(std::vector<int64_t> samples, double speed_perturbation, int64_t max_samples) {
  for (int64_t& length : samples) {
    length = static_cast<int64_t>(std::ceil(static_cast<double>(length) / (1 - speed_perturbation)));
    if (max_samples > 0) length = std::min(length, max_samples);
  }
  return samples;
}

}  // namespace

EpochBatches::EpochBatches(const std::vector<Example>& examples, const RunConfig& config, int64_t max_samples,
                           TrainObserver& observer, int64_t processes)
    : examples_(examples.size()),
      batch_size_(config.train.per_device_train_batch_size * processes),
      batch_samples_(std::llround(config.train.batch_seconds * kSampleRate) * processes) {
  if (batch_samples_ > 0) {
    observer.on_message(fmt::format("--batch_seconds: looking up the lengths of {} clips", examples.size()));
    lengths_ = batch_lengths(look_up_samples(examples, config.data.data_dir, observer), config.train.speed_perturbation,
                             max_samples);
  } else if (config.train.group_by_length) {
    lengths_ = file_sizes(examples);
  }
}

std::vector<std::vector<size_t>> EpochBatches::draw(uint64_t seed) const {
  if (batch_samples_ > 0) return bucketed_batches(lengths_, batch_samples_, seed);
  return shuffled_batches(examples_, batch_size_, lengths_, seed);
}

}  // namespace sure
