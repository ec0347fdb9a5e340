#include "train/epoch_batches.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <system_error>

#include "audio/audio.h"
#include "core/error.h"
#include "data/audio_index.h"
#include "data/batch.h"
#include "data/length_buckets.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

/// Bytes of each file: a stand-in for its length.
std::vector<int64_t> file_sizes(const std::vector<Example>& examples) {
  std::vector<int64_t> sizes;
  for (const Example& example : examples) {
    std::error_code error;
    sizes.push_back(static_cast<int64_t>(fs::file_size(example.path, error)));
    if (error) fail("{}: cannot read this clip ({})", example.path.string(), error.message());
  }
  return sizes;
}

/// Samples of each clip as it comes into a batch, at the most.
std::vector<int64_t> batch_lengths(std::vector<int64_t> samples, double speed_perturbation, int64_t max_samples) {
  for (int64_t& length : samples) {
    length = static_cast<int64_t>(std::ceil(static_cast<double>(length) / (1 - speed_perturbation)));
    if (max_samples > 0) length = std::min(length, max_samples);
  }
  return samples;
}

std::vector<int64_t> indexed_samples(const std::vector<Example>& examples, const std::string& data_dir,
                                     const std::function<void(const std::string&)>& tell) {
  std::vector<fs::path> clips;
  for (const Example& example : examples) clips.push_back(example.path);
  AudioIndex index(default_index_file(data_dir));
  std::vector<int64_t> samples = index.samples(clips);
  for (const std::string& note : index.notes()) tell(note);
  return samples;
}

}  // namespace

EpochBatches::EpochBatches(const std::vector<Example>& examples, const RunConfig& config, int64_t max_samples,
                           const std::function<void(const std::string&)>& tell)
    : examples_(examples.size()),
      batch_size_(config.train.per_device_train_batch_size),
      batch_samples_(std::llround(config.train.batch_seconds * kSampleRate)) {
  if (batch_samples_ > 0) {
    tell(fmt::format("--batch_seconds: looking up the lengths of {} clips", examples_));
    lengths_ = batch_lengths(indexed_samples(examples, config.data.data_dir, tell), config.train.speed_perturbation,
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
