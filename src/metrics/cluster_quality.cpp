#include "metrics/cluster_quality.h"

#include <ATen/ops/amax.h>
#include <ATen/ops/xlogy.h>

namespace sure {

double entropy(const Tensor& counts) {
  const Tensor exact = counts.to(at::kDouble);
  const Tensor shares = exact / exact.sum().clamp_min(1);
  return -at::xlogy(shares, shares).sum().item<double>();
}

ClusterQuality cluster_quality(const Tensor& counts) {
  const Tensor exact = counts.to(at::kDouble);
  const auto total = exact.sum().item<double>();
  if (total == 0) return {};
  ClusterQuality quality;
  quality.label_purity = exact.amax(0).sum().item<double>() / total;
  quality.cluster_purity = exact.amax(1).sum().item<double>() / total;
  const double labels = entropy(exact.sum(1));
  const double mutual = labels + entropy(exact.sum(0)) - entropy(exact);
  quality.pnmi = labels > 0 ? mutual / labels : 0;
  return quality;
}

}  // namespace sure
