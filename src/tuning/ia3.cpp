#include "tuning/ia3.h"

namespace sure {

namespace {

class OutputScale : public ProjectionAdapter {
 public:
  OutputScale(const Scope& scope, const Site& site) : scale_(scope.parameter("ia3_l", {site.out, 1}, init::ones())) {}

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
  InputScale(const Scope& scope, const Site& site) : scale_(scope.parameter("ia3_l", {1, site.in}, init::ones())) {}

  Tensor adapt_input(const Tensor& x) const override { return x * scale_.view({-1}).to(x.scalar_type()); }
  void merge(Tensor& weight, Tensor& /*bias*/) const override { weight = weight * scale_; }

 private:
  Tensor scale_;  // [1, in]
};

}  // namespace

void apply_ia3(const TuningOptions&, TuningTarget& target) {
  for (const Site& site : sites_of(target.sites, SiteKind::kProjection)) {
    const Scope scope = target.scope / site.name;
    if (site.name.ends_with("attention.k_proj") || site.name.ends_with("attention.v_proj")) {
      target.adapters.put(site, std::make_shared<OutputScale>(scope, site));
    } else if (site.name.ends_with("feed_forward.output_dense")) {
      target.adapters.put(site, std::make_shared<InputScale>(scope, site));
    }
  }
}

}  // namespace sure
