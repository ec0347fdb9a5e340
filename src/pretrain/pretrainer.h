// One round of HuBERT's pre-training (Hsu et al. 2021): clusters of all frames, then steps of masked prediction.
#pragma once

#include <optional>

#include "metrics/cluster_quality.h"
#include "pretrain/pretrain_config.h"
#include "train/trainer.h"

namespace sure {

struct PretrainResult {
  int64_t clips = 0;
  double hours = 0;  // of audio
  int64_t parameters = 0;
  int64_t steps = 0;
  int64_t clusters_used = 0;
  double entropy = 0;                     // of the targets, nats: the loss of a guess by frequency
  std::optional<ClusterQuality> quality;  // with labels
  Metrics validation;                     // loss (nats) and accuracy over masked frames; none without validation clips
  double seconds_per_step = 0;
  double seconds = 0;
};

/// Leaves in output_dir targets.safetensors, checkpoint-N, log/ and model/, a Hugging Face folder. Every step's
/// randomness is a function of the seed and the step, so that a resumed run equals an uninterrupted one bit by bit.
/// Validates first; throws Error for what is wrong with flags, audio, or the checkpoint to go on from.
PretrainResult pretrain(const PretrainConfig& config, TrainObserver& observer);

}  // namespace sure
