// One round of HuBERT's pre-training (Hsu et al. 2021): recordings -> clusters of all frames -> masked prediction.
#pragma once

#include <optional>

#include "metrics/cluster_quality.h"
#include "pretrain/pretrainer.h"

namespace sure {

struct PretrainResult {
  int64_t clips = 0;
  double hours = 0;  // of audio
  int64_t clusters_used = 0;
  double entropy = 0;                     // of the targets, nats: the loss of a guess by frequency
  std::optional<ClusterQuality> quality;  // with labels
  PretrainOutcome training;
};

/// Leaves in output_dir targets.safetensors, checkpoint-N, log/ and model/, a Hugging Face folder. Targets that an
/// earlier run of the same clips and options left there are used again. Validates first; throws Error for what is wrong
/// with flags, audio, or the checkpoint to go on from.
PretrainResult pretrain(const PretrainConfig& config, TrainObserver& observer);

}  // namespace sure
