// The clusters that masked frames are to be told from context: fitted once, kept in a file that is mapped into memory.
#pragma once

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/options.h"
#include "pretrain/corpus.h"
#include "pretrain/frame_features.h"

namespace sure {

struct ClusterOptions {
  int64_t clusters = 100;
  int64_t kmeans_frames = 400000;
};

template <class Visitor>
void visit_options(ClusterOptions& o, Visitor&& visit) {
  visit("clusters", o.clusters, Declaration("clusters of k-means").range(2, std::numeric_limits<int16_t>::max()));
  visit("kmeans_frames", o.kmeans_frames,
        Declaration("frames that they are fitted to, from clips drawn at random").range(1));
}

class Targets {
 public:
  /// Opens a file that compute_targets wrote. Throws Error for anything else.
  explicit Targets(const std::filesystem::path& file);

  /// The clusters of one clip's frames, int16 [T].
  Tensor of(size_t clip) const;

  /// Frames of the clips [first, last) by cluster, int64 [K].
  Tensor counts(size_t first, size_t last) const;

  /// What the file was made from.
  const nlohmann::ordered_json& identity() const { return identity_; }

  int64_t clusters() const { return clusters_; }

  size_t clips() const { return static_cast<size_t>(offsets_.size(0)) - 1; }

 private:
  Tensor codes_;    // int16, all clips one after another
  Tensor offsets_;  // int64 [clips + 1]
  int64_t clusters_ = 0;
  nlohmann::ordered_json identity_;
};

/// Says which clips, features and clusters these are.
nlohmann::ordered_json targets_identity(const Corpus& corpus, const FrameFeatures& features,
                                        const ClusterOptions& options, int64_t seed);

/// Fits the clusters to clips to train on, and writes those of every clip to `file`. Throws Error for a clip that
/// cannot be read, and for too little audio.
void compute_targets(const std::filesystem::path& file, const Corpus& corpus, const FrameFeatures& features,
                     const ClusterOptions& options, int64_t seed, TrainObserver& observer);

}  // namespace sure
