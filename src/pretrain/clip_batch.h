// Clips and the clusters of their frames -> batches: a random piece of long clips, noise and gain on the audio alone.
#pragma once

#include "backbone/config.h"
#include "data/batch.h"
#include "pretrain/corpus.h"
#include "pretrain/targets.h"

namespace sure {

struct AugmentOptions {
  double noise_prob = 0;
  double noise_snr_min = 5;
  double noise_snr_max = 30;
  double gain_db = 0;
};

template <class Visitor>
void visit_options(AugmentOptions& o, Visitor&& visit) {
  visit("noise_prob", o.noise_prob, "share of the training clips that get white noise; targets are those without");
  visit("noise_snr_min", o.noise_snr_min, "least signal-to-noise ratio, dB");
  visit("noise_snr_max", o.noise_snr_max, "largest signal-to-noise ratio, dB");
  visit("gain_db", o.gain_db, "make training clips louder or softer by up to so many dB (with --do_normalize False)");
}

class ClipBatches {
 public:
  /// Pieces have at most `max_frames` frames. All must outlive it.
  ClipBatches(const Corpus& corpus, const Targets& targets, const BackboneConfig& config, const AugmentOptions& augment,
              int64_t max_frames)
      : corpus_(corpus), targets_(targets), config_(config), augment_(augment), max_frames_(max_frames) {}

  /// The clips `indices`, with targets int64 [B, T]. Randomness is a function of the seed and the clip; `augment`
  /// switches noise and gain on. Throws Error naming the file.
  Batch load(const std::vector<size_t>& indices, bool augment, uint64_t seed) const;

 private:
  struct Piece {
    Tensor samples;
    Tensor targets;
  };
  Piece draw_piece(size_t clip, uint64_t seed) const;

  const Corpus& corpus_;
  const Targets& targets_;
  const BackboneConfig& config_;
  const AugmentOptions& augment_;
  int64_t max_frames_;
};

/// The samples, fp32 [S], with white noise and gain as drawn.
Tensor augmented(const Tensor& samples, const AugmentOptions& options, uint64_t seed);

}  // namespace sure
