// One round of HuBERT's pre-training (Hsu et al. 2021): recordings -> clusters of all frames -> masked prediction.
#pragma once

#include <optional>

#include "metrics/cluster_quality.h"
#include "pretrain/pretrain_config.h"
#include "train/loop.h"

namespace sure {

struct PretrainResult {
  int64_t clips = 0;
  double hours = 0;  // of audio
  int64_t clusters_used = 0;
  double entropy = 0;                     // of the targets, nats: the loss of a guess by frequency
  std::optional<ClusterQuality> quality;  // with labels
  int64_t parameters = 0;                 // of the backbone
  TrainResult training;
  Metrics validation;  // loss (nats) and accuracy over masked frames, label_… of labels; none without clips
};

/// Leaves in output_dir targets.safetensors, checkpoint-N, log/ and model/, a Hugging Face folder. Targets that an
/// earlier run of the same clips and options left there are used again. Of a world's processes rank 0 makes the
/// targets. Validates first; throws Error for what is wrong with flags, audio, or the checkpoint to go on from.
PretrainResult pretrain(const PretrainConfig& config, TrainObserver& observer, World& world = serial_world());

}  // namespace sure
