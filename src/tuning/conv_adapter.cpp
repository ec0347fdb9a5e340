#include "tuning/conv_adapter.h"

#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>

#include <cmath>

#include "fused/depthwise.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "tuning/placement.h"

namespace sure {

namespace {

class ConvAdapter : public ResidualAdapter {
 public:
  ConvAdapter(const Scope& scope, int64_t size, const TuningOptions& options)
      : norm_(scope / "norm", size),
        convolutions_(time_convolutions(scope, size, options)),
        squeeze_(scope / "squeeze", size, size / options.squeeze_reduction, linear_init(), /*with_bias=*/false),
        excite_(scope / "excite", size / options.squeeze_reduction, size, linear_init(), /*with_bias=*/false) {}

  Tensor forward(const Tensor& x, const ForwardContext& context) const override {
    const Tensor lengths = context.frame_mask.defined() ? context.frame_mask.sum(1) : Tensor();
    const fused::DepthwiseResult y = fused::depthwise_chain(norm_.forward(x), convolutions_, lengths);
    const Tensor mean = y.mean.to(x.scalar_type());
    const Tensor gate = at::sigmoid(excite_.forward(at::relu(squeeze_.forward(mean))));
    return x + y.y * gate.unsqueeze(1);
  }

 private:
  static Init linear_init() { return init::kaiming_uniform(std::sqrt(5.0)); }

  static fused::DepthwiseWeights time_convolutions(const Scope& scope, int64_t size, const TuningOptions& options) {
    const int64_t inner = size / options.conv_reduction;
    const auto weight = [&](const char* name, int64_t out, int64_t in, size_t index) {
      return (scope / name).parameter("weight", {out, in, options.conv_kernels[index]}, linear_init());
    };
    return {weight("down", inner, size / inner, 0), weight("mid", inner, 1, 1), weight("up", size, 1, 2)};
  }

  LayerNorm norm_;
  fused::DepthwiseWeights convolutions_;
  Linear squeeze_;
  Linear excite_;
};

}  // namespace

void apply_conv_adapter(const TuningOptions& options, TuningTarget& target) {
  place_after_blocks(options, target, [&](const Scope& scope, int64_t size) {
    return std::make_shared<ConvAdapter>(scope, size, options);
  });
}

void apply_front_end_adapters(const TuningOptions& options, TuningTarget& target) {
  for (const Site& site : sites_of(target.sites, SiteKind::kAfterConvolution)) {
    target.adapters.put(site, std::make_shared<ConvAdapter>(target.scope / site.name, site.out, options));
  }
}

}  // namespace sure
