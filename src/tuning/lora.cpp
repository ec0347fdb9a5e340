#include "tuning/lora.h"

#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace sure {

namespace {

class LoraAdapter : public ProjectionAdapter {
 public:
  LoraAdapter(const Scope& scope, const Site& site, int64_t rank, double scaling)
      : a_(scope.parameter("lora_A", {rank, site.in}, init::kaiming_uniform(std::sqrt(5.0)))),
        b_(scope.parameter("lora_B", {site.out, rank}, init::zeros())),
        scaling_(scaling) {}

  Tensor adapt_output(const Tensor& x, const Tensor& y) const override {
    const auto dtype = x.scalar_type();
    return y + at::linear(at::linear(x, a_.to(dtype)), b_.to(dtype)) * scaling_;
  }

  void merge(Tensor& weight, Tensor& /*bias*/) const override { weight = weight + at::matmul(b_, a_) * scaling_; }
  std::optional<fused::LowRankUpdate> low_rank() const override { return fused::LowRankUpdate{a_, b_, scaling_}; }

 private:
  Tensor a_;  // [r, in]
  Tensor b_;  // [out, r]
  double scaling_;
};

/// PEFT's rule: a target is a layer's whole name or its end.
bool names(const std::vector<std::string>& targets, const std::string& layer) {
  return std::any_of(targets.begin(), targets.end(),
                     [&](const std::string& target) { return layer == target || layer.ends_with("." + target); });
}

}  // namespace

std::vector<std::string> linear_layers(const SiteList& sites) {
  std::vector<std::string> layers;
  for (const Site& site : sites_of(sites, SiteKind::kProjection)) layers.push_back(site.name);
  return layers;
}

void apply_lora(const TuningOptions& options, TuningTarget& target) {
  const double scaling = options.lora_alpha / static_cast<double>(options.lora_rank);
  for (const Site& site : sites_of(target.sites, SiteKind::kProjection)) {
    if (!names(options.lora_targets, site.name)) continue;
    target.adapters.put(site,
                        std::make_shared<LoraAdapter>(target.scope / site.name, site, options.lora_rank, scaling));
  }
}

}  // namespace sure
