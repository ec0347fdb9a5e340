// Clips, and the clusters and labels of their frames, -> batches: a random piece of long clips, augmentation of the
// audio alone.
#pragma once

#include "backbone/config.h"
#include "data/batch.h"
#include "pretrain/augment.h"
#include "pretrain/corpus.h"
#include "pretrain/frame_labels.h"
#include "pretrain/targets.h"

namespace sure {

class ClipBatches {
 public:
  /// Pieces have at most `max_frames` frames; `labels` may be null. All must outlive it.
  ClipBatches(const Corpus& corpus, const Targets& targets, const FrameLabels* labels, const BackboneConfig& config,
              const AugmentOptions& augment, int64_t max_frames)
      : corpus_(corpus),
        targets_(targets),
        labels_(labels),
        config_(config),
        augment_(augment),
        max_frames_(max_frames) {}

  /// The clips `indices`, with targets and, where there are some, frame_labels, int64 [B, T]. Randomness is a function
  /// of the seed and the clip; `augment` switches augmentation on. Throws Error naming the file.
  Batch load(const std::vector<size_t>& indices, bool augment, uint64_t seed) const;

 private:
  struct Piece {
    Tensor samples;
    Tensor targets;
    Tensor labels;
  };
  Piece draw_piece(size_t clip, uint64_t seed) const;

  const Corpus& corpus_;
  const Targets& targets_;
  const FrameLabels* labels_;
  const BackboneConfig& config_;
  const AugmentOptions& augment_;
  int64_t max_frames_;
};

}  // namespace sure
