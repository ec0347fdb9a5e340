// How well clusters of frames agree with labels, by the measures of HuBERT's paper (Hsu et al. 2021, section IV-C).
#pragma once

#include "core/tensor.h"

namespace sure {

struct ClusterQuality {
  double label_purity = 0;    // share of frames whose label is the most frequent one of their cluster
  double cluster_purity = 0;  // share of frames whose cluster is the most frequent one of their label
  double pnmi = 0;            // mutual information as a share of the labels' entropy
};

/// From counts of frames by label and cluster, [L, K]; all 0 where there are no frames, PNMI 0 for a single label.
ClusterQuality cluster_quality(const Tensor& counts);

/// -sum p log p of counts, in nats: what a guess by frequency alone costs.
double entropy(const Tensor& counts);

}  // namespace sure
