#include "tuning/ia3.h"

namespace sure {

namespace {

class OutputScale : public ProjectionAdapter {
 public:
  explicit OutputScale(Tensor scale) : scale_(std::move(scale)) {}

  Tensor adapt_output(const Tensor& /*x*/, const Tensor& y) const override {
    return y * scale_.view({-1}).to(y.scalar_type());
  }
  void merge(Tensor& weight, Tensor& bias) const override {
    weight = weight * scale_;
    if (bias.defined()) bias = bias * scale_.view({-1});
  }

 private:
  Tensor scale_;  // [out, 1], as PEFT has it
};

class InputScale : public ProjectionAdapter {
 public:
  explicit InputScale(Tensor scale) : scale_(std::move(scale)) {}

  Tensor adapt_input(const Tensor& x) const override { return x * scale_.view({-1}).to(x.scalar_type()); }
  void merge(Tensor& weight, Tensor& /*bias*/) const override { weight = weight * scale_; }

 private:
  Tensor scale_;  // [1, in]
};

}  // namespace

std::vector<int64_t> ia3_shape(const Site& site) {
  if (site.name.ends_with("attention.k_proj") || site.name.ends_with("attention.v_proj")) return {site.out, 1};
  if (site.name.ends_with("feed_forward.output_dense")) return {1, site.in};
  return {};
}

void apply_ia3(const TuningOptions&, TuningTarget& target) {
  for (const Site& site : sites_of(target.sites, SiteKind::kProjection)) {
    const std::vector<int64_t> shape = ia3_shape(site);
    if (shape.empty()) continue;
    const Tensor scale = (target.scope / site.name).parameter("ia3_l", shape, init::ones());
    if (shape[1] == 1) {
      target.adapters.put(site, std::make_shared<OutputScale>(scale));
    } else {
      target.adapters.put(site, std::make_shared<InputScale>(scale));
    }
  }
}

}  // namespace sure
